import { CircleAlert, Lock, RotateCw } from "lucide-preact";
import type { OperationError } from "../client/errors.ts";
import { Button } from "./Button.tsx";
import { CommandLine } from "./CommandLine.tsx";
import { Message } from "./Message.tsx";

function fact(error: OperationError, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = error.facts[name];
    if (typeof value === "string" && value) return value;
  }
  return undefined;
}

/** What failed, why, what to try; a missing right is shown as the command that gives it. */
export function Failure({ error, what, onRetry }: { error: OperationError; what?: string; onRetry?: () => void }) {
  const command = fact(error, "grant", "command");
  const details = { status: error.status || undefined, code: error.code, ...error.facts };
  const title = error.isDenied ? `Not allowed${what ? ` to read ${what}` : ""}` : `${what ? `Reading ${what} failed` : "This failed"}`;
  return (
    <Message
      icon={error.isDenied ? <Lock class="size-4 text-warning" /> : <CircleAlert class="size-4 text-destructive" />}
      title={title}
      actions={
        onRetry && (
          <Button icon={<RotateCw class="size-3.5" />} onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <p class="break-words text-foreground">{error.message}</p>
      {error.hint && <p class="break-words">{error.hint}</p>}
      {command && <CommandLine text={command} />}
      <details class="text-xs">
        <summary class="w-fit hover:text-foreground">Details</summary>
        <pre class="mt-1 overflow-x-auto rounded-control bg-muted p-2 font-mono">{JSON.stringify(details, null, 2)}</pre>
      </details>
    </Message>
  );
}
