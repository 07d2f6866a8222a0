import { formatCount, formatDuration, formatPlural } from "@mission-control/plugin-ui";
import type { ResultSet, Run } from "./run.ts";

export interface StatusPart {
  text: string;
  tone?: "warning" | "destructive";
}

function setParts(set: ResultSet): StatusPart[] {
  const parts: StatusPart[] = [];
  if (set.columns) parts.push({ text: formatPlural(set.rows.length, "row") });
  else if (set.end?.rowsAffected !== undefined) parts.push({ text: `${formatPlural(set.end.rowsAffected, "row")} affected` });
  if (set.end?.truncated) parts.push({ text: `stopped at the limit of ${formatCount(set.rows.length)} rows, there are more`, tone: "warning" });
  if (set.end?.truncatedCells) parts.push({ text: `${formatPlural(set.end.truncatedCells, "long value")} cut`, tone: "warning" });
  if (set.end) parts.push({ text: formatDuration(set.end.durationMs) });
  return parts;
}

/** Return the status line's words: rows, what was cut, time, mode, database. */
export function statusParts(run: Run, set: ResultSet | undefined): StatusPart[] {
  const parts = set ? setParts(set) : [];
  if (run.status === "failed") parts.push({ text: "failed", tone: "destructive" });
  if (run.status === "cancelled") parts.push({ text: set?.rows.length ? "cancelled, these rows had arrived" : "cancelled", tone: "warning" });
  if (run.sets.length > 1 && run.totalMs !== undefined) parts.push({ text: `all ${run.sets.length} statements ${formatDuration(run.totalMs)}` });
  parts.push(run.mode === "write" ? { text: "write", tone: "destructive" } : { text: "read-only" });
  if (run.database) parts.push({ text: run.database });
  return parts;
}
