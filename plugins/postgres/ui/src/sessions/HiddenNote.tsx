import { CopyButton, formatPlural } from "@mission-control/plugin-ui";
import { EyeOff } from "lucide-preact";
import { quoteName } from "../logic/completion.ts";

/** Why some rows say little, and what would change that. */
export function HiddenNote({ count, role }: { count: number; role: string | undefined }) {
  if (count === 0) return null;
  const grant = `GRANT pg_read_all_stats TO ${role ? quoteName(role) : "<role>"};`;
  return (
    <div class="flex items-center gap-2 border-b bg-muted/60 px-density-2 text-xs text-muted-foreground">
      <EyeOff aria-hidden class="size-3.5 shrink-0" />
      <span class="min-w-0 py-1">
        {formatPlural(count, "session belongs", "sessions belong")} to other roles: state and query are hidden from this one. A superuser can run{" "}
        <code class="font-mono text-foreground">{grant}</code>
      </span>
      <CopyButton label="Copy command" text={grant} />
    </div>
  );
}
