import { useOperation, type Operation } from "@mission-control/plugin-ui";
import type { Noted } from "../components/Notes.tsx";

export interface Measured extends Noted {
  asOf?: string;
}

export interface Relation {
  schema: string;
  name: string;
  kind: string;
  sizeBytes: number | null;
  tableBytes?: number;
  indexBytes?: number;
  toastBytes?: number;
  rows?: number | null;
  growthBytes?: number;
  growthSeconds?: number;
  cacheHitPercent?: number | null;
  seqScans?: number;
  /** Absent before PostgreSQL 16. */
  lastSeqScan?: string;
  indexScans?: number;
  partitionOf?: string;
}

export interface Relations extends Measured {
  databaseSizeBytes: number;
  relations: Relation[];
  total: number;
}

export interface BloatRow {
  schema: string;
  name: string;
  table?: string;
  sizeBytes: number | null;
  bloatBytes: number | null;
  bloatPct: number | null;
  method: "estimate" | "exact" | "none";
  confidence: "high" | "medium" | "low" | "none";
  reason?: string;
}

export interface Bloat extends Measured {
  tables: BloatRow[];
  indexes: BloatRow[];
  totalBloatBytes: number;
}

export interface VacuumRow {
  schema?: string;
  schemaName?: string;
  name?: string;
  tableName?: string;
  liveTuples?: number;
  deadTuples?: number;
  deadThreshold?: number;
  dueIn?: number;
  isDue?: boolean;
  xidAge?: number;
  sizeBytes?: number | null;
  lastVacuumAt?: string;
  lastAutovacuumAt?: string;
  lastAnalyzeAt?: string;
  lastAutoanalyzeAt?: string;
  autovacuumEnabled?: boolean;
  isLocked?: boolean;
}

export interface Wraparound extends Noted {
  databases: { name: string; xidAge: number; xidPctOfFreezeMax: number; xidPctOfLimit: number; mxidPctOfLimit?: number }[];
  tables: { schema: string; name: string; xidAge: number; xidPctOfFreezeMax: number; sizeBytes: number | null }[];
  horizon: { kind: string; pid?: number; name?: string; database?: string; user?: string; xminAge: number; ageMs?: number; state?: string; query?: string; isOldest: boolean }[];
  freezeMaxAge: number;
}

export interface Sequence {
  schema: string;
  name: string;
  dataType: string;
  lastValue: string | null;
  maxValue: string;
  usedPct: number | null;
  column?: string;
  columnPct?: number;
  cycles?: boolean;
}

export interface Sequences extends Measured {
  sequences: Sequence[];
}

export interface ProgressItem {
  pid: number;
  kind: string;
  database?: string;
  relation?: string;
  phase: string;
  percent?: number;
  etaMs?: number;
  elapsedMs?: number;
  isAutovacuum?: boolean;
}

export function useProgress(): Operation<{ items: ProgressItem[] }> {
  return useOperation<{ items: ProgressItem[] }>("progress", {}, { intervalMs: 5000 });
}
