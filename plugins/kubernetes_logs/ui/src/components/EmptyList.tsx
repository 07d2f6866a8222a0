import { Button, CommandLine, Message } from "@mission-control/plugin-ui";
import { CircleAlert, Lock } from "lucide-preact";
import type { Logs } from "../logic/useLogs.ts";

/** Why there are no lines, and what to do about it. */
export function EmptyList({ logs, isFiltered, onReset }: { logs: Logs; isFiltered: boolean; onReset: () => void }) {
  const { status, summary, sources } = logs;
  if (status.state === "failed") {
    return (
      <Message
        icon={status.status === 403 ? <Lock class="size-4 text-warning" /> : <CircleAlert class="size-4 text-destructive" />}
        title={status.status === 403 ? "Not allowed to read these logs" : "Reading logs failed"}
      >
        <p class="break-words text-foreground">{status.reason}</p>
        {status.hint && <p>{status.hint}</p>}
        {status.command && <CommandLine text={status.command} />}
      </Message>
    );
  }
  if (summary.rows > 0 && isFiltered) {
    return (
      <Message title="No line passes the filter" actions={<Button onClick={onReset}>Show all lines</Button>}>
        <p>{summary.rows.toLocaleString()} lines are here; levels, sources, times, fields or the search hide them.</p>
      </Message>
    );
  }
  if (status.state === "connecting") return null;
  if (sources.length === 0) return <Message title="No pods"><p>The item has no pods now. Lines appear here as soon as one starts.</p></Message>;
  return <Message title="No lines yet"><p>{sources.length === 1 ? "The container has" : `${sources.length} containers have`} written nothing that is still kept. New lines appear here by themselves.</p></Message>;
}
