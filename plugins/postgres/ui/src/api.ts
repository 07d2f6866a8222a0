import { useOperation, type Operation } from "@mission-control/plugin-ui";

export interface Instance {
  /** Absent on a local socket. */
  serverName?: string;
  databaseName?: string;
  productVersion?: string;
  serverVersionNum?: number;
  inRecovery?: boolean;
  port?: number;
  user?: string;
  maxConnections?: number;
}

export interface TargetInfo {
  /** Set when the item is a database: nothing outside it is shown. */
  boundDatabase?: string;
  /** The plugin's default connection was used for want of one of the item's own. */
  isFallback?: boolean;
}

export interface Stats {
  capturedAt: string;
  /** The server as `role@host:port/db`, when the plugin words it; else how the item led to it. */
  target?: string | TargetInfo;
  instance?: Instance;
  connections?: { total?: number; clientTotal?: number; max?: number; waitingOnLock?: number };
  /** Series of the last minutes beside their times. */
  history?: Record<string, (number | null)[]>;
  warnings?: string[];
}

/** What a backend's process uses, where the server runs on the plugin's machine. */
export interface ProcessUse {
  /** Of one core, since the look before. */
  cpuPct?: number;
  cpuMs: number;
  rssBytes: number;
  readBytes?: number;
  writeBytes?: number;
}

/** A row of `sessions-list`. */
export interface Session {
  pid: number;
  user?: string;
  database?: string;
  applicationName?: string;
  clientAddr?: string;
  state?: string;
  waitEventType?: string;
  waitEvent?: string;
  waitDescription?: string;
  queryStart?: string;
  stateChange?: string;
  xactStart?: string;
  backendStart?: string;
  durationMs?: number;
  xactAgeMs?: number;
  stateAgeMs?: number;
  blockedBy?: number[];
  /** How many sessions wait for this one, or which. */
  blocks?: number | number[];
  query?: string;
  queryId?: string | number;
  backendType?: string;
  leaderPid?: number;
  backendXmin?: string | number;
  xminAge?: number;
  ssl?: boolean;
  canSignal?: boolean;
  visible?: boolean;
  self?: boolean;
  process?: ProcessUse;
}

export interface SessionFilter extends Record<string, unknown> {
  database?: string;
  includeIdle?: boolean;
  includeBackground?: boolean;
  minDurationMs?: number;
  states?: string[];
  search?: string;
  limit?: number;
}

export interface SignalParams {
  pid: number;
  backendStart?: string;
  waitMs?: number;
}

export interface SignalResult {
  pid: number;
  ok: boolean;
  reason?: "not_found" | "not_permitted" | "not_client" | "changed" | "still_running";
}

export interface SchemaColumn {
  name: string;
  dataType: string;
  nullable?: boolean;
}

export interface SchemaTable {
  name: string;
  schema: string;
  type?: string;
  columns?: SchemaColumn[] | null;
}

export interface Schema {
  tables?: SchemaTable[] | null;
  database?: string;
}

export type QueryMode = "read" | "write";

/** Params of `query-stream`. */
export interface QueryParams {
  statement: string;
  database?: string;
  rowLimit: number;
  mode: QueryMode;
  queryId: string;
  statementTimeoutMs?: number;
}

const STATS_INTERVAL_MS = 10_000;
const SESSIONS_INTERVAL_MS = 2000;
const NAMES_STALE_MS = 60_000;

export function useStats(): Operation<Stats> {
  return useOperation<Stats>("stats", {}, { intervalMs: STATS_INTERVAL_MS });
}

export function useDatabases(): Operation<string[] | null> {
  return useOperation<string[] | null>("databases-list", {}, { staleMs: NAMES_STALE_MS });
}

export function useSessions(filter: SessionFilter): Operation<Session[]> {
  return useOperation<Session[]>("sessions-list", filter, { intervalMs: SESSIONS_INTERVAL_MS });
}

/** The names that completion offers; best effort. */
export function useSchema(database: string): Operation<Schema> {
  return useOperation<Schema>("schema", database ? { database } : {}, { staleMs: NAMES_STALE_MS });
}
