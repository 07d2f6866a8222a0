import { Badge, formatBytes, formatCount, formatDuration, oneLine, type Column } from "@mission-control/plugin-ui";
import { Meter } from "../components/Meter.tsx";
import { SqlText } from "../components/SqlText.tsx";
import { formatPercent, formatRate } from "../logic/percent.ts";
import type { Statement } from "./api.ts";

const BLOCK_BYTES = 8192;

export const STATEMENT_COLUMNS: Column<Statement>[] = [
  { id: "query", header: "Statement", value: (s) => s.query, narrow: "title", title: (s) => s.query, cell: (s) => <span class="flex min-w-0 items-center gap-1.5">{s.new && <Badge tone="info">new</Badge>}<SqlText sql={oneLine(s.query, 300)} /></span> },
  { id: "share", header: "Share of time", value: (s) => s.pctTotal, width: 9, isNumeric: true, narrow: "figure", cell: (s) => <span class="inline-flex items-center gap-2"><Meter percent={s.pctTotal} />{formatPercent(s.pctTotal)}</span> },
  { id: "total", header: "Total", value: (s) => s.totalExecTimeMs, width: 6, isNumeric: true, cell: (s) => formatDuration(s.totalExecTimeMs), title: (s) => `${s.totalExecTimeMs.toLocaleString()} ms` },
  { id: "calls", header: "Calls", value: (s) => s.calls, width: 6, isNumeric: true, narrow: "detail", cell: (s) => formatCount(s.calls) },
  { id: "rate", header: "Calls/s", value: (s) => s.callsPerS, width: 5, isNumeric: true, cell: (s) => (s.callsPerS === undefined ? "" : formatRate(s.callsPerS)) },
  { id: "mean", header: "Mean", value: (s) => s.meanExecTimeMs, width: 5.5, isNumeric: true, narrow: "detail", cell: (s) => formatDuration(s.meanExecTimeMs), title: (s) => `${s.meanExecTimeMs.toLocaleString()} ms` },
  { id: "rows", header: "Rows", value: (s) => s.rows, width: 6, isNumeric: true, cell: (s) => formatCount(s.rows) },
  { id: "cache", header: "Cache hit", value: (s) => s.cacheHitPercent, width: 5.5, isNumeric: true, cell: (s) => formatPercent(s.cacheHitPercent) },
  { id: "temp", header: "Temp", value: (s) => (s.tempBlocksWritten ?? 0) * BLOCK_BYTES, width: 5.5, isNumeric: true, isHidden: true, cell: (s) => (s.tempBlocksWritten ? formatBytes(s.tempBlocksWritten * BLOCK_BYTES) : "") },
  { id: "wal", header: "WAL", value: (s) => s.walBytes, width: 5.5, isNumeric: true, isHidden: true, cell: (s) => (s.walBytes ? formatBytes(s.walBytes) : "") },
  { id: "user", header: "User", value: (s) => s.user, width: 6, isHidden: true },
];
