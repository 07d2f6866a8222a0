import type { Noted } from "../components/Notes.tsx";

export interface IndexFinding {
  kind: "unused" | "duplicate" | "overlapping" | "invalid" | "missing_fk" | "seq_scan" | "bloated" | "hypothetical";
  table: string;
  index?: string;
  coveredBy?: string;
  columns?: string[];
  sizeBytes: number;
  scans?: number;
  lastScan?: string;
  statsAgeDays?: number;
  reason: string;
  ddl?: string;
  confidence: "high" | "medium" | "low";
  bloatPct?: number;
}

export interface IndexInfo {
  table: string;
  index: string;
  sizeBytes: number;
  scans: number;
  lastScan?: string;
  tuplesRead?: number;
  isUnique?: boolean;
  isPrimary?: boolean;
  isValid?: boolean;
  definition: string;
}

export interface Indexes extends Noted {
  findings: IndexFinding[];
  indexes: IndexInfo[];
  total: { count: number; sizeBytes: number };
  statsSince?: string;
  standbyNote?: string;
  /** Why no indexes are suggested from statements, and the SQL that would change that. */
  suggestionNote?: string;
  suggestionSql?: string;
  asOf?: string;
}
