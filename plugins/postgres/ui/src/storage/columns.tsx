import { Badge, formatAge, formatBytes, formatCount, parseTime, type Column } from "@mission-control/plugin-ui";
import { loadTone, Meter } from "../components/Meter.tsx";
import { formatPercent } from "../logic/percent.ts";
import type { BloatRow, Relation, Sequence, VacuumRow, Wraparound } from "./api.ts";

export const qualified = (row: { schema?: string; schemaName?: string; name?: string; tableName?: string }) => `${row.schema ?? row.schemaName ?? ""}.${row.name ?? row.tableName ?? ""}`;

const size = (bytes: number | null | undefined) => (bytes === null ? <span class="text-muted-foreground italic">locked</span> : formatBytes(bytes));
const share = (percent: number | null | undefined, warningAt: number, criticalAt: number) =>
  percent === null || percent === undefined ? "" : <span class="inline-flex items-center gap-2"><Meter percent={percent} tone={loadTone(percent, warningAt, criticalAt)} />{formatPercent(percent)}</span>;
const when = (text: string | undefined) => {
  const at = parseTime(text ?? null);
  return at ? formatAge(Date.now() - at.getTime()) : <span class="text-muted-foreground">never</span>;
};

export const RELATION_COLUMNS: Column<Relation>[] = [
  { id: "name", header: "Table", value: qualified, narrow: "title", cell: (r) => <span class="flex items-center gap-1.5 font-medium">{qualified(r)}{r.kind !== "table" && <Badge>{r.kind}</Badge>}</span> },
  { id: "size", header: "Size", value: (r) => r.sizeBytes, width: 7, isNumeric: true, narrow: "figure", cell: (r) => size(r.sizeBytes), title: (r) => r.sizeBytes?.toLocaleString() },
  { id: "growth", header: "Growth", value: (r) => r.growthBytes, width: 7, isNumeric: true, cell: (r) => (r.growthBytes ? `${r.growthBytes > 0 ? "+" : "−"}${formatBytes(Math.abs(r.growthBytes))}` : "") },
  { id: "heap", header: "Heap", value: (r) => r.tableBytes, width: 6, isNumeric: true, narrow: "detail", cell: (r) => (r.tableBytes === undefined ? "" : formatBytes(r.tableBytes)) },
  { id: "indexes", header: "Indexes", value: (r) => r.indexBytes, width: 6, isNumeric: true, narrow: "detail", cell: (r) => (r.indexBytes === undefined ? "" : formatBytes(r.indexBytes)) },
  { id: "toast", header: "Toast", value: (r) => r.toastBytes, width: 6, isNumeric: true, cell: (r) => (r.toastBytes ? formatBytes(r.toastBytes) : "") },
  { id: "rows", header: "Rows", value: (r) => r.rows, width: 6, isNumeric: true, cell: (r) => formatCount(r.rows) },
  { id: "scans", header: "Seq scans", value: (r) => r.seqScans, width: 6, isNumeric: true, cell: (r) => formatCount(r.seqScans) },
  { id: "cache", header: "Cache hit", value: (r) => r.cacheHitPercent, width: 7, isNumeric: true, cell: (r) => formatPercent(r.cacheHitPercent) },
];

export const BLOAT_COLUMNS: Column<BloatRow>[] = [
  { id: "name", header: "Relation", value: qualified, narrow: "title", cell: (r) => <span class="flex items-center gap-1.5 font-medium">{qualified(r)}{r.table && <Badge>index</Badge>}</span> },
  { id: "bloat", header: "Could be freed", value: (r) => r.bloatBytes, width: 9, isNumeric: true, narrow: "figure", cell: (r) => (r.bloatBytes === null ? "–" : formatBytes(r.bloatBytes)) },
  { id: "percent", header: "Share", value: (r) => r.bloatPct, width: 9, isNumeric: true, cell: (r) => share(r.bloatPct, 30, 60) },
  { id: "size", header: "Size", value: (r) => r.sizeBytes, width: 7, isNumeric: true, narrow: "detail", cell: (r) => size(r.sizeBytes) },
  { id: "method", header: "Known by", value: (r) => r.method, width: 7 },
  { id: "confidence", header: "Confidence", value: (r) => r.confidence, width: 7, title: (r) => r.reason },
];

export const VACUUM_COLUMNS: Column<VacuumRow>[] = [
  { id: "name", header: "Table", value: qualified, narrow: "title", cell: (r) => <span class="flex items-center gap-1.5 font-medium">{qualified(r)}{r.isDue && <Badge tone="warning">due</Badge>}{r.autovacuumEnabled === false && <Badge tone="warning">autovacuum off</Badge>}</span> },
  { id: "dead", header: "Dead rows", value: (r) => r.deadTuples, width: 7, isNumeric: true, narrow: "figure", cell: (r) => formatCount(r.deadTuples) },
  { id: "limit", header: "Vacuumed at", value: (r) => r.deadThreshold, width: 7, isNumeric: true, cell: (r) => formatCount(r.deadThreshold) },
  { id: "live", header: "Live rows", value: (r) => r.liveTuples, width: 7, isNumeric: true, narrow: "detail", cell: (r) => formatCount(r.liveTuples) },
  { id: "vacuum", header: "Last vacuum", value: (r) => r.lastAutovacuumAt ?? r.lastVacuumAt, width: 8, isNumeric: true, narrow: "detail", cell: (r) => when([r.lastAutovacuumAt, r.lastVacuumAt].filter(Boolean).sort().at(-1)) },
  { id: "analyze", header: "Last analyze", value: (r) => r.lastAutoanalyzeAt ?? r.lastAnalyzeAt, width: 8, isNumeric: true, cell: (r) => when([r.lastAutoanalyzeAt, r.lastAnalyzeAt].filter(Boolean).sort().at(-1)) },
  { id: "age", header: "Age", value: (r) => r.xidAge, width: 7, isNumeric: true, cell: (r) => formatCount(r.xidAge) },
];

export const WRAPAROUND_COLUMNS: Column<Wraparound["tables"][number]>[] = [
  { id: "name", header: "Table", value: qualified, narrow: "title", cell: (r) => <span class="font-medium">{qualified(r)}</span> },
  { id: "percent", header: "To forced vacuum", value: (r) => r.xidPctOfFreezeMax, width: 10, isNumeric: true, narrow: "figure", cell: (r) => share(r.xidPctOfFreezeMax, 80, 100) },
  { id: "age", header: "Age", value: (r) => r.xidAge, width: 9, isNumeric: true, narrow: "detail", cell: (r) => formatCount(r.xidAge) },
  { id: "size", header: "Size", value: (r) => r.sizeBytes, width: 7, isNumeric: true, narrow: "detail", cell: (r) => size(r.sizeBytes) },
];

export const SEQUENCE_COLUMNS: Column<Sequence>[] = [
  { id: "name", header: "Sequence", value: qualified, narrow: "title", cell: (r) => <span class="flex items-center gap-1.5 font-medium">{qualified(r)}{r.cycles && <Badge>cycles</Badge>}</span> },
  { id: "used", header: "Used", value: (r) => r.columnPct ?? r.usedPct, width: 9, isNumeric: true, narrow: "figure", cell: (r) => share(r.columnPct ?? r.usedPct, 70, 90) },
  { id: "last", header: "Last value", value: (r) => (r.lastValue === null ? null : Number(r.lastValue)), width: 10, isNumeric: true, narrow: "detail", cell: (r) => r.lastValue ?? "–" },
  { id: "max", header: "Greatest", value: (r) => Number(r.maxValue), width: 12, isNumeric: true, cell: (r) => r.maxValue },
  { id: "column", header: "Column", value: (r) => r.column, width: 14, narrow: "detail" },
];
