/** What the stream sends, and what page and worker say to each other. */

/** Levels in the order of their numbers. */
export const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "unknown"] as const;
export const LEVEL_LETTERS = "tdiwefu";
export const UNKNOWN_LEVEL = 6;

/** A compact row of the stream: source, stamp, level's letter, text, more. */
export type WireRow = [source: number, stamp: string, level: string, text: string, extra?: RowExtra];

export interface RowExtra {
  fields?: Record<string, unknown>;
  cut?: number;
  stream?: string;
  late?: boolean;
  partial?: boolean;
}

export type WireEvent = { type: string } & Record<string, unknown>;

export type SourceState = "new" | "open" | "waiting" | "ended" | "removed" | "refused" | "excluded";

/** A container whose lines are read; the same over reconnects. */
export interface SourceInfo {
  index: number;
  key: string;
  namespace: string;
  pod: string;
  container: string;
  kind: string;
  node: string;
  owner: string;
  revision: string;
  state: SourceState;
  reason: string;
  restarts: number;
  historyFrom: string;
  skewMs: number;
  /** Has a line of it come yet? */
  hasRows: boolean;
}

export type RuleTone = "neutral" | "info" | "warning" | "destructive";
export type RuleKind = "event" | "gap" | "source" | "death" | "mark" | "notice";

/** Something that happened between two lines. */
export interface Rule {
  kind: RuleKind;
  tone: RuleTone;
  text: string;
  detail?: string;
  pod?: string;
  namespace?: string;
  container?: string;
}

/** A field that rows must or must not have. */
export interface FieldTerm {
  name: string;
  value: string;
  isNot: boolean;
}

export type SearchMode = "highlight" | "filter" | "server";

/** Which rows a view shows. */
export interface FilterSpec {
  query: string;
  isRegex: boolean;
  isCaseSensitive: boolean;
  mode: SearchMode;
  hiddenLevels: number[];
  hiddenSources: string[];
  /** Rows of these sources only; null is all. */
  onlySources: string[] | null;
  from: string;
  to: string;
  terms: FieldTerm[];
  /** Rows of this pattern only; empty for all. */
  pattern: string;
  hasEvents: boolean;
}

export const EVERYTHING: FilterSpec = {
  query: "",
  isRegex: true,
  isCaseSensitive: false,
  mode: "highlight",
  hiddenLevels: [],
  hiddenSources: [],
  onlySources: null,
  from: "",
  to: "",
  terms: [],
  pattern: "",
  hasEvents: true,
};

/** A row or a rule as the page draws it. */
export interface DrawItem {
  id: number;
  source: number;
  stamp: string;
  level: number;
  text: string;
  extra?: RowExtra;
  rule?: Rule;
  /** Lines below it that belong to it: a stack trace. */
  tailCount: number;
  isHit: boolean;
  /** Set while it is open: all of its text and its lines. */
  open?: { text: string; tail: string[] };
}

export interface Histogram {
  fromMs: number;
  bucketMs: number;
  /** Per bucket seven counts, by level. */
  counts: number[];
}

/** Lines that differ only in numbers, times, ids and quoted words. */
export interface PatternGroup {
  pattern: string;
  count: number;
  /** Counts by level. */
  levels: number[];
  first: string;
  last: string;
  /** Counts by time. */
  buckets: number[];
}

/** The patterns of the lines that pass all of the filter but its pattern; the most frequent ones. */
export interface Patterns {
  /** Items looked at, of how many. */
  done: number;
  total: number;
  lines: number;
  found: number;
  groups: PatternGroup[];
  fromMs: number;
  bucketMs: number;
}

export type StreamState = "connecting" | "live" | "reconnecting" | "lagging" | "ended" | "failed" | "suspended";

export interface StreamStatus {
  state: StreamState;
  reason: string;
  hint: string;
  command: string;
  retryAtMs: number;
  /** HTTP status of a refusal. */
  status: number;
}

export type ViewId = "main" | "side";

export type ToWorker =
  | { type: "open"; url: string; params: Record<string, unknown>; excluded: string[] }
  | { type: "narrow"; excluded: string[] }
  | { type: "suspend" }
  | { type: "resume" }
  | { type: "filter"; view: ViewId; filter: FilterSpec | null }
  | { type: "window"; view: ViewId; first: number; count: number; anchor: number; isTail: boolean; shift: number }
  | { type: "expand"; id: number; isOpen: boolean }
  | { type: "pause"; isPaused: boolean }
  | { type: "clear" }
  | { type: "patterns"; isOn: boolean }
  | { type: "mark"; text: string }
  | { type: "find"; view: ViewId; from: number; step: 1 | -1; shift: number; token: number }
  | { type: "locate"; view: ViewId; stamp: string; key: string; token: number }
  | { type: "export"; format: "text" | "ndjson" | "csv"; isGzip: boolean; token: number }
  | { type: "around"; id: number; count: number; token: number };

export type FromWorker =
  | { type: "window"; view: ViewId; total: number; lines: number; first: number; items: DrawItem[]; shift: number; fresh: number; isTail: boolean }
  | { type: "summary"; rows: number; held: number; dropped: number; forgotten: number; since: string; levels: number[]; hits: number; histogram: Histogram | null; badPattern: string }
  | { type: "sources"; sources: SourceInfo[] }
  | { type: "status"; status: StreamStatus }
  | { type: "notice"; rule: Rule; code: string }
  | { type: "patterns"; patterns: Patterns }
  | { type: "found"; token: number; index: number; id: number; shift: number }
  | { type: "exported"; token: number; blob: Blob; count: number }
  | { type: "around"; token: number; items: DrawItem[]; index: number };
