import { Button, classes, CopyButton, downloadText, Failure, formatBytes, formatCount, formatDuration, IconButton, slug } from "@mission-control/plugin-ui";
import { Clicky } from "@mission-control/plugin-ui/clicky";
import { Download } from "lucide-preact";
import { useMemo, useState } from "preact/hooks";
import type { Answer, Run } from "../useRun.ts";
import { StreamLines } from "./StreamLines.tsx";

/** Drawing more than this makes a page that nobody can use. */
const MAX_DRAWN_BYTES = 4 * 1024 * 1024;

function parse(answer: Answer): { value: unknown; isJson: boolean } {
  try {
    return { value: JSON.parse(answer.text) as unknown, isJson: true };
  } catch {
    return { value: answer.mime === "text/html" ? { kind: "html", html: answer.text } : answer.text, isJson: false };
  }
}

function Body({ answer, isRaw }: { answer: Answer; isRaw: boolean }) {
  const { value, isJson } = useMemo(() => parse(answer), [answer]);
  if (answer.bytes === 0) return <p class="p-3 text-muted-foreground">The operation answered without a result.</p>;
  if (answer.bytes > MAX_DRAWN_BYTES) return <p class="p-3 text-muted-foreground">{formatBytes(answer.bytes)} are too much to draw here: download the result.</p>;
  const isPlain = !isJson && answer.mime !== "text/html";
  if (isRaw || isPlain) return <pre class="overflow-x-auto p-3 font-mono text-xs whitespace-pre-wrap">{isJson ? JSON.stringify(value, null, 2) : answer.text}</pre>;
  return <Clicky value={value} class="p-3" />;
}

function wordsOf(run: Run): string {
  const parts = [run.state === "done" && run.tail ? "ended" : run.state];
  if (run.state !== "running") parts.push(formatDuration(run.durationMs));
  if (run.tail) parts.push(`${formatCount(run.tail.total)} ${run.tail.total === 1 ? "line" : "lines"}`);
  if (run.tail && run.tail.dropped > 0) parts.push(`the newest ${formatCount(run.tail.lines.length)} are kept`);
  if (run.answer) parts.push(formatBytes(run.answer.bytes));
  return parts.join(" · ");
}

/** What a run brought: its result drawn, its lines as they come, or why it failed; to copy and to keep as it came. */
export function OperationResult({ run, name }: { run: Run; name: string }) {
  const [isRaw, setRaw] = useState(false);
  const raw = () => run.answer?.text ?? run.tail?.text() ?? "";
  const hasRaw = run.answer !== null || (run.tail?.total ?? 0) > 0;
  const isJson = run.answer !== null && /json/.test(run.answer.mime);
  function download() {
    const [mime, ending] = run.tail ? ["application/x-ndjson", "ndjson"] : isJson ? ["application/json", "json"] : [run.answer?.mime || "text/plain", "txt"];
    downloadText(`${slug(name, "result")}.${ending}`, mime, raw());
  }
  return (
    <section aria-label="Result" class="border-t">
      <header class="flex min-h-9 items-center gap-1 border-b bg-muted/40 px-3">
        <span role="status" class={classes("mr-auto text-xs tabular-nums", run.state === "failed" ? "text-destructive" : "text-muted-foreground")}>
          {wordsOf(run)}
        </span>
        {isJson && (
          <Button kind="ghost" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
            {isRaw ? "Drawn" : "JSON"}
          </Button>
        )}
        {hasRaw && <CopyButton label="Copy result" text={raw} />}
        {hasRaw && (
          <IconButton label="Download result" onClick={download}>
            <Download class="size-3.5" />
          </IconButton>
        )}
      </header>
      {run.tail && run.tail.total > 0 && <StreamLines lines={run.tail.lines} total={run.tail.total} />}
      {run.error && <Failure error={run.error} />}
      {run.answer && <Body answer={run.answer} isRaw={isRaw} />}
    </section>
  );
}
