import { IconButton, Select, Toolbar, useIsNarrow } from "@mission-control/plugin-ui";
import { Download, Layers, Pause, Play } from "lucide-preact";
import type { ComponentChildren } from "preact";
import type { Logs } from "../logic/useLogs.ts";
import type { ViewControl } from "../logic/useView.ts";
import { countFilters, RANGES } from "../logic/viewState.ts";
import type { Rule } from "../protocol.ts";
import { LevelChips } from "./LevelChips.tsx";
import { SearchField } from "./SearchField.tsx";
import { SourcePicker } from "./SourcePicker.tsx";
import { StreamState } from "./StreamState.tsx";

export interface LogsToolbarProps {
  logs: Logs;
  control: ViewControl;
  isPaused: boolean;
  actions: { pause: () => void; download: () => void; step: (step: 1 | -1) => void; showDeath: (rule: Pick<Rule, "namespace" | "pod" | "container">) => void };
  menu: ComponentChildren;
  /** Which fields stand in columns. */
  columns: ComponentChildren;
}

/** The one line above the list: sources, levels, search, time, state, download. */
export function LogsToolbar({ logs, control, isPaused, actions, menu, columns }: LogsToolbarProps) {
  const isNarrow = useIsNarrow();
  const { view, setFilter, setView } = control;
  const { filter } = view;
  const search = <SearchField filter={filter} hits={logs.summary.hits} onChange={setFilter} onStep={actions.step} />;
  const shape = (
    <>
      <IconButton label="Group by pattern" hotkey="v" isOn={view.isGrouped} onClick={() => setView({ isGrouped: !view.isGrouped })}>
        <Layers class="size-3.5" />
      </IconButton>
      {columns}
    </>
  );
  const state = (
    <>
      <StreamState status={logs.status} isPaused={isPaused} onRetry={() => logs.client.send({ type: "resume" })} />
      <IconButton label={isPaused ? "Resume" : "Pause"} hotkey="p" isOn={isPaused} onClick={actions.pause}>
        {isPaused ? <Play class="size-3.5" /> : <Pause class="size-3.5" />}
      </IconButton>
      {!isNarrow && shape}
      <IconButton label="Download" hotkey="d" onClick={actions.download}>
        <Download class="size-3.5" />
      </IconButton>
      {menu}
    </>
  );
  return (
    <Toolbar lead={isNarrow ? search : undefined} setCount={countFilters(view)} end={state}>
      {isNarrow && <span class="flex">{shape}</span>}
      <SourcePicker sources={logs.sources} hidden={filter.hiddenSources} onChange={(hiddenSources) => setFilter({ hiddenSources })} onDeath={actions.showDeath} />
      <LevelChips counts={logs.summary.levels} hidden={filter.hiddenLevels} onChange={(hiddenLevels) => setFilter({ hiddenLevels })} />
      {!isNarrow && search}
      <Select label="How far back" value={view.range} options={RANGES} isSet={view.range !== ""} onChange={(range) => setView({ range, at: "", atKey: "" })} />
    </Toolbar>
  );
}
