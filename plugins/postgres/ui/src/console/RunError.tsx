import { Badge, Button, CopyButton } from "@mission-control/plugin-ui";
import { CircleAlert, Crosshair } from "lucide-preact";
import type { OperationError } from "@mission-control/plugin-ui";
import { errorFacts, errorRange, type TextRange } from "../logic/errorPlace.ts";
import type { Run } from "../logic/run.ts";

/** A failed statement in PostgreSQL's own words, and the way to its place. */
export function RunError({ error, run, onGoTo }: { error: OperationError; run: Run; onGoTo: (range: TextRange) => void }) {
  const range = errorRange(error, run.text);
  const text = (name: string) => (typeof error.facts[name] === "string" ? (error.facts[name] as string) : undefined);
  const sqlstate = text("sqlstate");
  const line = run.offset === 0 && typeof error.facts.line === "number" ? ` (line ${error.facts.line})` : "";
  const full = [`${text("severity") ?? "ERROR"}: ${error.message}${sqlstate ? ` (SQLSTATE ${sqlstate})` : ""}`, ...errorFacts(error).map(([name, value]) => `${name}: ${value}`)];
  return (
    <div role="alert" class="min-h-0 flex-1 overflow-auto p-4">
      <div class="flex max-w-3xl items-start gap-2">
        <CircleAlert aria-hidden class="mt-0.5 size-4 shrink-0 text-destructive" />
        <div class="flex min-w-0 flex-1 flex-col gap-2">
          <p class="font-medium break-words">{error.message}</p>
          <dl class="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
            {errorFacts(error).map(([name, value]) => (
              <div key={name} class="contents">
                <dt class="text-muted-foreground">{name}</dt>
                <dd class="min-w-0 break-words">{value}</dd>
              </div>
            ))}
          </dl>
          <div class="flex flex-wrap items-center gap-2">
            {range && (
              <Button icon={<Crosshair aria-hidden class="size-3.5" />} onClick={() => onGoTo({ from: range.from + run.offset, to: range.to + run.offset })}>
                Go to the error{line}
              </Button>
            )}
            <Badge tone="destructive" title="SQLSTATE">
              {sqlstate ?? error.code}
            </Badge>
            <CopyButton label="Copy error" text={full.join("\n")} />
          </div>
        </div>
      </div>
    </div>
  );
}
