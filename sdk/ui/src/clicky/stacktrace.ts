import { isRecord, listOf, textOf, type JsonRecord } from "./node.ts";

/** Return a frame on one line: `load (db.ts:12)`. */
export function frameText(frame: JsonRecord): string {
  const place = textOf(frame.location) || [textOf(frame.file), textOf(frame.line)].filter(Boolean).join(":");
  const name = textOf(frame.functionName);
  return name && place ? `${name} (${place})` : name || place || textOf(frame.text);
}

/** Return a trace as it stands in a log. */
export function traceText(node: JsonRecord, depth = 0): string {
  const head = [textOf(node.exceptionClass), textOf(node.message)].filter(Boolean).join(": ");
  const frames = listOf(node.frames).filter(isRecord).map((frame) => `    at ${frameText(frame)}`);
  const causes = depth < 20 ? listOf(node.causedBy).filter(isRecord).map((cause) => `caused by ${traceText(cause, depth + 1)}`) : [];
  return [head, ...frames, ...causes].join("\n");
}
