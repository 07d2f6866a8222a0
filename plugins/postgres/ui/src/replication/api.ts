import { useOperation, type Operation } from "@mission-control/plugin-ui";
import type { Noted } from "../components/Notes.tsx";

export interface Sender {
  pid: number;
  applicationName: string;
  clientAddr?: string;
  state?: string;
  syncState?: string;
  sentLagBytes: number | null;
  writeLagBytes: number | null;
  flushLagBytes: number | null;
  replayLagBytes: number | null;
  replayLagMs?: number | null;
  slot?: string;
}

export interface Slot {
  name: string;
  type: string;
  plugin?: string;
  database?: string;
  active: boolean;
  retainedBytes: number | null;
  walStatus?: string;
  safeWalSizeBytes?: number;
  inactiveSince?: string;
  invalidationReason?: string;
}

export interface Replication extends Noted {
  role: "primary" | "standby";
  currentLsn?: string;
  senders: Sender[];
  receiver?: { status: string; senderHost?: string; senderPort?: number; slot?: string; receivedLsn?: string; replayedLsn?: string; receiveLagBytes?: number; replayLagBytes?: number };
  recovery?: { isPaused: boolean; pauseState?: string; lastReplayAt?: string; replayLagMs?: number | null; conflicts?: Record<string, number> };
  slots: Slot[];
  publications?: { name: string; allTables?: boolean; tables?: number }[];
  subscriptions?: { name: string; enabled: boolean; applyErrors?: number; notReadyTables?: number }[];
  unknown?: Record<string, string>;
}

export interface Wal extends Noted {
  walLevel?: string;
  walBytesPerS?: number;
  walDirectoryBytes?: number;
  archiver?: { mode?: string; lastArchived?: string; lastArchivedAt?: string; failedCount?: number; lastFailed?: string; isFailing?: boolean };
  checkpoints?: { timed?: number; requested?: number; writeMs?: number; syncMs?: number };
}

export function useReplication(): Operation<Replication> {
  return useOperation<Replication>("replication", {}, { intervalMs: 5000 });
}

export function useWal(): Operation<Wal> {
  return useOperation<Wal>("wal", {}, { intervalMs: 10_000 });
}
