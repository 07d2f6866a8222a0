import { CommandLine } from "@mission-control/plugin-ui";
import { Lock, TriangleAlert } from "lucide-preact";

/** What this role cannot see, and the statement that would let it. */
export interface Need {
  what: string;
  reason: string;
  grant?: string;
}

export interface Noted {
  warnings?: string[];
  needs?: Need[];
}

/** What an answer says beside its data: warnings as they are, missing rights with their grants. */
export function Notes({ of }: { of: Noted | undefined }) {
  if (!of?.warnings?.length && !of?.needs?.length) return null;
  return (
    <div class="flex flex-col gap-1 border-b bg-muted/50 px-3 py-1.5 text-xs">
      {of.warnings?.map((text) => (
        <p key={text} class="flex items-start gap-1.5 text-warning-text">
          <TriangleAlert aria-hidden class="mt-px size-3.5 shrink-0" />
          {text}
        </p>
      ))}
      {of.needs?.map((need) => (
        <details key={`${need.what} ${need.grant ?? ""}`}>
          <summary class="flex w-fit cursor-default items-center gap-1.5 text-muted-foreground hover:text-foreground">
            <Lock aria-hidden class="size-3.5 shrink-0" />
            {need.what}: {need.reason}
          </summary>
          {need.grant && <div class="my-1"><CommandLine text={need.grant} /></div>}
        </details>
      ))}
    </div>
  );
}
