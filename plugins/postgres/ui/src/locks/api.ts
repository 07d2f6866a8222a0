import { useOperation, type Operation } from "@mission-control/plugin-ui";
import type { Noted } from "../components/Notes.tsx";

export interface LockNode {
  /** 0 for a prepared transaction. */
  pid: number;
  preparedGid?: string;
  kind: "backend" | "prepared" | "autovacuum" | "parallel" | "other";
  user?: string;
  database?: string;
  applicationName?: string;
  clientAddr?: string;
  state?: string;
  backendStart?: string;
  xactAgeMs?: number;
  queryAgeMs?: number;
  stateAgeMs?: number;
  waitMs?: number;
  waitingFor?: { lockType: string; mode: string; relation?: string; database?: string; page?: number; tuple?: number; transactionId?: string | number };
  holding?: { lockType: string; mode: string; relation?: string }[];
  query?: string;
  lastQuery?: boolean;
  note?: string;
  blockedCount: number;
  isRoot: boolean;
  canSignal?: boolean;
  visible?: boolean;
  /** To its parent: it holds the lock, or only stands ahead in the queue. */
  edge?: "hard" | "queue";
  blockedBy?: number[];
  children?: LockNode[];
}

export interface LockTree extends Noted {
  capturedAt: string;
  roots: LockNode[];
  deadlockSuspects?: number[][];
  truncated?: boolean;
  waiterCount: number;
}

const INTERVAL_MS = 3000;

export function useLockTree(database: string): Operation<LockTree> {
  return useOperation<LockTree>("lock-tree", database ? { database } : {}, { intervalMs: INTERVAL_MS });
}
