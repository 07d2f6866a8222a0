import { useOperation, type Operation } from "@mission-control/plugin-ui";
import type { Noted } from "../components/Notes.tsx";

export type Severity = "critical" | "warning" | "info";

export interface Finding {
  id: string;
  kind: string;
  severity: Severity;
  title: string;
  evidence: string;
  nextStep: string;
  link?: { tab: string; params?: Record<string, string | number> };
  /** Shown, never run. */
  sql?: string;
}

export interface Check {
  kind: string;
  state: "ok" | "found" | "ignored" | "unavailable";
  reason?: string;
}

export interface Summary {
  clientTotal: number;
  maxConnections: number;
  usedPercent: number;
  active: number;
  waitingOnLock: number;
  idleInTransaction: number;
  oldestXactAgeMs?: number | null;
  cacheHitPercent?: number | null;
  commitsPerS?: number | null;
  replicationLagBytes?: number | null;
  databaseSizeBytes?: number | null;
  inRecovery?: boolean;
  blockedCount?: number;
}

export interface Overview extends Noted {
  capturedAt: string;
  severity: Severity | "ok";
  findings: Finding[];
  checks: Check[];
  summary: Summary;
}

const INTERVAL_MS = 10_000;

export function useOverview(database: string): Operation<Overview> {
  return useOperation<Overview>("overview", database ? { database } : {}, { intervalMs: INTERVAL_MS });
}
