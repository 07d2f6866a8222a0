import { renderCsv } from "@mission-control/plugin-ui/export";
import { stripAnsi } from "../logic/ansi.ts";
import { LEVELS, type SourceInfo } from "../protocol.ts";
import type { Item } from "./item.ts";

export type ExportFormat = "text" | "ndjson" | "csv";
const CSV_COLUMNS = ["timestamp", "namespace", "pod", "container", "level", "message"];
const CHUNK_ITEMS = 5000;
export const MIME_TYPES: Record<ExportFormat, string> = { text: "text/plain", ndjson: "application/x-ndjson", csv: "text/csv" };

interface Line {
  stamp: string;
  level: string;
  text: string;
  source: SourceInfo | undefined;
}

function* linesOf(items: readonly Item[], sources: readonly SourceInfo[]): Generator<Line> {
  for (const item of items) {
    if (item.rule) continue;
    const source = sources[item.source];
    const level = LEVELS[item.level] ?? "unknown";
    yield { stamp: item.stamp, level, text: item.text, source };
    for (const [at, text] of (item.tail ?? []).entries()) yield { stamp: item.tailStamps?.[at] ?? "", level, text, source };
  }
}

/** As the server writes a text: the source in front where there are several. */
function renderText(lines: Iterable<Line>, hasPrefix: boolean): string {
  let out = "";
  for (const { stamp, text, source } of lines) {
    const name = source && hasPrefix ? `[${[source.pod, source.container].filter(Boolean).join(" ")}] ` : "";
    out += `${name}${stamp}${stamp && " "}${stripAnsi(text)}\n`;
  }
  return out;
}

function renderNdjson(lines: Iterable<Line>): string {
  let out = "";
  for (const { stamp, level, text, source } of lines) {
    out += `${JSON.stringify({ timestamp: stamp || undefined, namespace: source?.namespace || undefined, pod: source?.pod, container: source?.container, level, line: text })}\n`;
  }
  return out;
}

function renderTable(lines: Iterable<Line>, isFirst: boolean): string {
  const rows = [...lines].map(({ stamp, level, text, source }) => [stamp, source?.namespace, source?.pod, source?.container, level, stripAnsi(text)]);
  const table = renderCsv(CSV_COLUMNS, rows);
  return isFirst ? table : table.slice(table.indexOf("\n") + 1);
}

/** Return items as a file, made in pieces so that a million lines need no string of their size. */
export async function exportItems(items: readonly Item[], sources: readonly SourceInfo[], format: ExportFormat, isGzip: boolean): Promise<{ blob: Blob; count: number }> {
  const parts: string[] = [];
  let count = 0;
  for (let at = 0; at < items.length; at += CHUNK_ITEMS) {
    const stretch = items.slice(at, at + CHUNK_ITEMS);
    for (const item of stretch) count += item.rule ? 0 : 1 + (item.tail?.length ?? 0);
    const lines = linesOf(stretch, sources);
    parts.push(format === "text" ? renderText(lines, sources.length > 1) : format === "ndjson" ? renderNdjson(lines) : renderTable(lines, at === 0));
  }
  const plain = new Blob(parts, { type: MIME_TYPES[format] });
  if (!isGzip) return { blob: plain, count };
  const packed = plain.stream().pipeThrough(new CompressionStream("gzip"));
  return { blob: await new Response(packed).blob(), count };
}
