import { CopyButton } from "../components/CopyButton.tsx";
import type { PartProps } from "./ClickyPart.tsx";
import { isRecord, listOf, textOf, type JsonRecord } from "./node.ts";
import { frameText, traceText } from "./stacktrace.ts";

const MAX_CAUSES = 20;

function Frames({ frames }: { frames: readonly JsonRecord[] }) {
  return (
    <ol class="font-mono text-xs">
      {frames.map((frame, index) => (
        <li key={index} class={frame.kind === "runtime" ? "text-muted-foreground" : undefined}>
          <span class="text-muted-foreground">at </span>
          {frameText(frame)}
        </li>
      ))}
    </ol>
  );
}

function Trace({ node, isCause, depth }: { node: JsonRecord; isCause: boolean; depth: number }) {
  const frames = listOf(node.frames).filter(isRecord);
  const causes = listOf(node.causedBy).filter(isRecord);
  return (
    <div class="flex flex-col gap-1">
      <p class="break-words">
        {isCause && <span class="text-muted-foreground">caused by </span>}
        <span class="font-medium text-destructive">{textOf(node.exceptionClass)}</span>
        {Boolean(node.exceptionClass && node.message) && ": "}
        {textOf(node.message)}
      </p>
      {frames.length > 0 && <div class="overflow-x-auto pl-3 whitespace-nowrap"><Frames frames={frames} /></div>}
      {depth < MAX_CAUSES && causes.map((cause, index) => <Trace key={index} node={cause} isCause depth={depth + 1} />)}
    </div>
  );
}

/** An exception, where it was thrown, and what caused it; frames of the runtime are muted. */
export function Stacktrace({ node }: PartProps) {
  return (
    <div class="relative rounded-control border bg-muted p-2.5 pr-9">
      <Trace node={node} isCause={false} depth={0} />
      <span class="absolute top-0.5 right-0.5">
        <CopyButton label="Copy stack trace" text={() => traceText(node)} />
      </span>
    </div>
  );
}
