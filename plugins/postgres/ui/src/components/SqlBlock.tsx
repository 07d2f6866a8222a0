import { Button, CopyButton } from "@mission-control/plugin-ui";
import { SquareTerminal } from "lucide-preact";
import { useOpenConsole } from "./openConsole.ts";
import { SqlText } from "./SqlText.tsx";

/** A statement to read, copy, or take to the console; nothing here runs it. */
export function SqlBlock({ sql, title = "SQL", database }: { sql: string; title?: string; database?: string }) {
  const open = useOpenConsole();
  return (
    <div>
      <div class="mb-1 flex items-center gap-1">
        <h3 class="text-muted-foreground">{title}</h3>
        <span class="ml-auto flex items-center gap-1">
          <CopyButton label={`Copy ${title}`} text={sql} />
          <Button kind="ghost" icon={<SquareTerminal aria-hidden class="size-3.5" />} onClick={() => open(sql, database)}>
            Open in console
          </Button>
        </span>
      </div>
      <pre class="max-h-72 overflow-auto rounded-control bg-muted p-2 break-words whitespace-pre-wrap">
        <SqlText sql={sql} />
      </pre>
    </div>
  );
}
