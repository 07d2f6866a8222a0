import { useOperation, type Operation } from "@mission-control/plugin-ui";
import type { Noted } from "../components/Notes.tsx";

export interface Statement {
  queryId?: string;
  userId?: string | number;
  user?: string;
  databaseId?: string | number;
  database?: string;
  query: string;
  calls: number;
  totalExecTimeMs: number;
  meanExecTimeMs: number;
  minExecTimeMs?: number;
  maxExecTimeMs?: number;
  stddevExecTimeMs?: number;
  rows: number;
  pctTotal: number;
  planTimeMs?: number;
  sharedBlocksHit?: number;
  sharedBlocksRead?: number;
  tempBlocksWritten?: number;
  ioReadMs?: number;
  ioWriteMs?: number;
  walBytes?: number;
  cacheHitPercent?: number | null;
  truncated?: boolean;
  callsPerS?: number;
  timePerS?: number;
  new?: boolean;
}

export interface StatementsAnswer extends Noted {
  available: boolean;
  reason?: string;
  warning?: string;
  canInstall?: boolean;
  installSql?: string;
  statements?: Statement[];
  queries?: Statement[];
  seconds?: number;
  from?: { id: string; capturedAt: string };
  reset?: boolean;
  resetAt?: string;
  deallocated?: number | boolean;
  hiddenCount?: number;
  waitingForSecondSnapshot?: boolean;
  stats?: { entries?: number; max?: number; statsReset?: string };
}

/** Over how long the figures go: some minutes, or everything since the statistics were reset. */
export const WINDOWS = [
  { value: "300", label: "last 5 minutes" },
  { value: "900", label: "last 15 minutes" },
  { value: "3600", label: "last hour" },
  { value: "all", label: "since the reset" },
] as const;

const INTERVAL_MS = 15_000;

export interface StatementsFilter {
  window: string;
  sort: string;
  search: string;
  database: string;
}

export function useStatements({ window, sort, search, database }: StatementsFilter): Operation<StatementsAnswer> {
  const params = { sort, ...(search ? { search } : {}), ...(database ? { database } : {}) };
  const isAll = window === "all";
  return useOperation<StatementsAnswer>(isAll ? "slow-queries" : "statements-diff", isAll ? params : { ...params, sinceSeconds: Number(window) }, { intervalMs: INTERVAL_MS });
}
