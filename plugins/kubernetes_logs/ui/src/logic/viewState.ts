import { EVERYTHING, LEVELS, type FieldTerm, type FilterSpec, type SearchMode } from "../protocol.ts";
import { patternSource } from "./patterns.ts";

/** How much history is asked for. */
export const RANGES = [
  { value: "", label: "1,000 lines" },
  { value: "5m", label: "5 minutes" },
  { value: "15m", label: "15 minutes" },
  { value: "1h", label: "1 hour" },
  { value: "6h", label: "6 hours" },
  { value: "24h", label: "24 hours" },
  { value: "all", label: "all kept" },
] as const;

const BACKLOG_LINES = 1000;
const MODES: readonly SearchMode[] = ["highlight", "filter", "server"];

/** Everything that the address holds. */
export interface ViewState {
  filter: FilterSpec;
  range: string;
  /** Patterns with their counts instead of the lines. */
  isGrouped: boolean;
  /** Fields that stand in columns of their own. */
  columns: string[];
  isPrevious: boolean;
  /** A line to go to: its stamp and its source's key. */
  at: string;
  atKey: string;
}

function list(text: string | null): string[] {
  return text ? text.split(",").filter(Boolean) : [];
}

function lines(text: string | null): string[] {
  return text ? text.split("\n").filter(Boolean) : [];
}

function parseTerms(params: URLSearchParams): FieldTerm[] {
  return (params.get("field") ?? "").split("\n").flatMap((text): FieldTerm[] => {
    const isNot = text.startsWith("!");
    const [name, ...value] = text.slice(isNot ? 1 : 0).split("=");
    return name ? [{ name, value: value.join("="), isNot }] : [];
  });
}

/** Write a field's term as the address has it. */
export function renderTerm({ name, value, isNot }: FieldTerm): string {
  return `${isNot ? "!" : ""}${name}=${value}`;
}

/** Read the address. */
export function parseViewState(params: URLSearchParams): ViewState {
  const hidden = list(params.get("hide")).map((name) => LEVELS.indexOf(name as (typeof LEVELS)[number]));
  const filter: FilterSpec = {
    ...EVERYTHING,
    query: params.get("q") ?? "",
    isRegex: params.get("words") !== "1",
    isCaseSensitive: params.get("case") === "1",
    mode: MODES.find((mode) => mode === params.get("mode")) ?? "highlight",
    hiddenLevels: hidden.filter((level) => level >= 0),
    hiddenSources: list(params.get("sources")),
    from: params.get("from") ?? "",
    to: params.get("to") ?? "",
    terms: parseTerms(params),
    pattern: params.get("pattern") ?? "",
    hasEvents: params.get("events") !== "0",
  };
  return { filter, range: params.get("range") ?? "", isPrevious: params.get("previous") === "1", isGrouped: params.get("show") === "patterns", columns: lines(params.get("cols")), at: params.get("at") ?? "", atKey: params.get("key") ?? "" };
}

/** Return the params of the stream that a view needs. */
export function streamParams({ filter, range, isPrevious, at }: ViewState): Record<string, unknown> {
  const params: Record<string, unknown> = { format: "ndjson", rows: "compact", events: true, init: true, ephemeral: true };
  const isServerSearch = filter.mode === "server" && filter.query !== "";
  if (isPrevious) Object.assign(params, { previous: true, follow: false, tailLines: 100_000 });
  else Object.assign(params, { follow: true, backlog: range || isServerSearch || at ? -1 : BACKLOG_LINES });
  if (range && range !== "all") params.since = range;
  if (at && !range && !isPrevious) params.since = new Date(Date.parse(at) - 60_000).toISOString();
  if (isServerSearch) Object.assign(params, { grep: patternSource(filter), ignoreCase: !filter.isCaseSensitive });
  return params;
}

/** Return how many filters are set, for the badge of a narrow page. */
export function countFilters({ filter, range }: ViewState): number {
  const set = [filter.hiddenLevels.length > 0, filter.hiddenSources.length > 0, filter.from !== "", range !== "", filter.terms.length > 0, filter.pattern !== ""];
  return set.filter(Boolean).length;
}
