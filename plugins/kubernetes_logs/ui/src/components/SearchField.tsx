import { classes, IconButton, SearchBox, Select, useIsNarrow } from "@mission-control/plugin-ui";
import { CaseSensitive, ChevronDown, ChevronUp, Regex } from "lucide-preact";
import { patternFault } from "../logic/patterns.ts";
import type { FilterSpec, SearchMode } from "../protocol.ts";

const MODES = [
  { value: "highlight", label: "highlight" },
  { value: "filter", label: "filter" },
  { value: "server", label: "all kept logs" },
];

/** Until a search that was typed a moment ago is known to the worker. */
const APPLIED_MS = 100;

export interface SearchFieldProps {
  filter: FilterSpec;
  hits: number;
  onChange: (changes: Partial<FilterSpec>) => void;
  onStep: (step: 1 | -1) => void;
}

/** Search by expression: marked, filtered here, or asked of everything that is kept. */
export function SearchField({ filter, hits, onChange, onStep }: SearchFieldProps) {
  const isNarrow = useIsNarrow();
  const fault = patternFault(filter);
  return (
    <span
      role="search"
      data-query={filter.query}
      class={classes("flex min-w-0 flex-1 items-center gap-0.5", isNarrow && filter.query !== "" && "basis-full flex-wrap")}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
        event.preventDefault();
        const step = event.shiftKey ? -1 : 1;
        const typed = event.target.value;
        if (typed === filter.query) return onStep(step);
        onChange({ query: typed });
        window.setTimeout(() => onStep(step), APPLIED_MS);
      }}
    >
      <SearchBox label="Search" value={filter.query} onChange={(query) => onChange({ query })} class={classes(isNarrow ? "min-w-24 flex-1" : "w-44", fault !== "" && "text-destructive")} />
      {(!isNarrow || filter.query !== "") && (
        <>
          <IconButton label="Regular expression" isOn={filter.isRegex} onClick={() => onChange({ isRegex: !filter.isRegex })}>
            <Regex class="size-3.5" />
          </IconButton>
          <IconButton label="Match case" isOn={filter.isCaseSensitive} onClick={() => onChange({ isCaseSensitive: !filter.isCaseSensitive })}>
            <CaseSensitive class="size-3.5" />
          </IconButton>
        </>
      )}
      {filter.query && (
        <>
          <Select label="What a search does" value={filter.mode} options={MODES} isSet={filter.mode !== "highlight"} onChange={(mode) => onChange({ mode: mode as SearchMode })} />
          {fault ? (
            <span role="alert" class="truncate text-xs text-destructive" title={fault}>
              {fault}
            </span>
          ) : (
            <>
              <IconButton label="Previous hit" hotkey="Shift-N" onClick={() => onStep(-1)}>
                <ChevronUp class="size-3.5" />
              </IconButton>
              <IconButton label="Next hit" hotkey="n" onClick={() => onStep(1)}>
                <ChevronDown class="size-3.5" />
              </IconButton>
              <span class="text-xs whitespace-nowrap text-muted-foreground tabular-nums" aria-live="polite">
                {hits.toLocaleString()} {hits === 1 ? "hit" : "hits"}
              </span>
            </>
          )}
        </>
      )}
    </span>
  );
}
