import { KeyboardHelp, useHotkeys, useIsNarrow, useNow } from "@mission-control/plugin-ui";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { useRollout } from "../api.ts";
import { RowsContext, type RowContext } from "../list/context.ts";
import { LogList } from "../list/LogList.tsx";
import { useListValue, useLogWindow } from "../list/useLogWindow.ts";
import { copyLineLink } from "../logic/lineLink.ts";
import { shortNames } from "../logic/names.ts";
import { compileSearch, patternFault } from "../logic/patterns.ts";
import { stampChars } from "../logic/stamps.ts";
import { useListKeys } from "../logic/useListKeys.ts";
import { useLocate } from "../logic/useLocate.ts";
import { useLogs, useLook } from "../logic/useLogs.ts";
import { useRevisions } from "../logic/useRevisions.ts";
import { useView } from "../logic/useView.ts";
import { useColumns } from "../logic/useColumns.ts";
import { countFilters, streamParams } from "../logic/viewState.ts";
import type { DrawItem, Rule } from "../protocol.ts";
import { ContextPanel } from "./ContextPanel.tsx";
import { ColumnPicker } from "./ColumnPicker.tsx";
import { DeathPanel } from "./DeathPanel.tsx";
import { DownloadDialog } from "./DownloadDialog.tsx";
import { EmptyList } from "./EmptyList.tsx";
import { FilterLine } from "./FilterLine.tsx";
import { HistogramStrip } from "./HistogramStrip.tsx";
import { KEYS } from "./keys.ts";
import { LogsToolbar } from "./LogsToolbar.tsx";
import { MoreMenu } from "./MoreMenu.tsx";
import { Notices } from "./Notices.tsx";
import { PatternsView } from "./PatternsView.tsx";
import { RolloutStrip } from "./RolloutStrip.tsx";
import { SideList } from "./SideList.tsx";
import { CountsLine } from "./CountsLine.tsx";

type Panel = { around: DrawItem } | { death: { namespace: string; pod: string; container: string } } | null;

const HALF_DAY_MS = 43_200_000;
const STYLES = ["local", "utc", "relative", "off"] as const;

/** All lines of the item's pods in one list, and everything to find one's way in them. */
export function LogsPage({ isVisible }: { isVisible: boolean }) {
  const control = useView();
  const { view, setFilter, setView } = control;
  const { filter } = view;
  const isNarrow = useIsNarrow();
  const [look, setLook] = useLook(isNarrow);
  const [isPaused, setPaused] = useState(false);
  const [isDownloading, setDownloading] = useState(false);
  const [panel, setPanel] = useState<Panel>(null);
  const [at] = useState(view.at); // a link copied later must not open the stream anew
  const logs = useLogs(streamParams({ ...view, at }), view.isPrevious ? [] : filter.hiddenSources, isVisible);
  const { client, sources, summary } = logs;
  const rollout = useRollout();
  const revisions = useRevisions(rollout.data, sources);
  const list = useLogWindow(client, "main");
  const filterText = JSON.stringify({ ...filter, onlySources: revisions.main });
  useLayoutEffect(() => {
    list.forgetHeights();
    client.send({ type: "filter", view: "main", filter: JSON.parse(filterText) });
  }, [client, list, filterText]);
  const columns = useColumns(list, control);
  useEffect(() => list.forgetHeights(), [list, look.isWrapped, look.isPretty, isNarrow, view.columns]);
  const cursor = useListKeys(client, list, "main", !view.isGrouped);
  useLocate(client, list, view, cursor);
  const now = useNow(1000, look.stamps === "relative");
  const isEmpty = useListValue(list, ({ total }) => total === 0);
  const hasOtherDays = useListValue(list, ({ items }) => items.some((item) => item.stamp !== "" && Date.now() - Date.parse(item.stamp) > HALF_DAY_MS));
  const names = useMemo(() => shortNames(sources), [sources]);
  const pattern = useMemo(() => (patternFault(filter) ? null : compileSearch(filter, "g")), [filter]);
  const pause = () => {
    client.send({ type: "pause", isPaused: !isPaused });
    setPaused(!isPaused);
  };
  const mark = () => client.send({ type: "mark", text: `mark ${new Date().toLocaleTimeString()}` });
  const clear = () => client.send({ type: "clear" });
  const choosePattern = (text: string) => setView({ isGrouped: false }, { pattern: text });
  const showDeath = ({ namespace = "", pod = "", container = "" }: Pick<Rule, "namespace" | "pod" | "container">) => setPanel({ death: { namespace, pod, container } });
  useHotkeys({
    p: pause,
    m: mark,
    x: clear,
    d: () => setDownloading(true),
    w: () => setLook({ isWrapped: !look.isWrapped }),
    t: () => setLook({ stamps: STYLES[(STYLES.indexOf(look.stamps) + 1) % STYLES.length] ?? "local" }),
    v: () => setView({ isGrouped: !view.isGrouped }),
    h: () => setLook({ hasHistogram: !look.hasHistogram }),
    Escape: () => filter.from && setFilter({ from: "", to: "" }),
  });
  const rows: RowContext = {
    sources,
    names,
    nameChars: sources.length > 1 ? Math.min(28, Math.max(...names.map((name) => name.length))) : 0,
    stamps: look.stamps,
    stampChars: stampChars(look.stamps, hasOtherDays, isNarrow),
    isNarrow,
    nowMs: look.stamps === "relative" ? now : Date.now(),
    isWrapped: look.isWrapped,
    isPretty: look.isPretty,
    columns: columns.all,
    toggleColumn: columns.toggle,
    pattern,
    currentId: cursor.currentId,
    open: (item, isOpen) => {
      list.leaveTail();
      client.send({ type: "expand", id: item.id, isOpen });
    },
    select: cursor.select,
    filterBy: (term) => setFilter({ terms: [...filter.terms.filter((one) => one.name !== term.name || one.isNot !== term.isNot), term] }),
    showAround: (item) => setPanel({ around: item }),
    copyLink: (item) => void copyLineLink(item.stamp, sources[item.source]?.key ?? "", setView),
    showDeath,
  };
  const menu = (
    <MoreMenu
      look={look}
      onLook={setLook}
      isPrevious={view.isPrevious}
      onPrevious={(isPrevious) => setView({ isPrevious })}
      hasEvents={filter.hasEvents}
      onEvents={(hasEvents) => setFilter({ hasEvents })}
      actions={{ mark, clear }}
      saved={control.saved}
    />
  );
  const label = revisions.side ? "Lines of the old revision" : "Lines";
  let shown = <LogList list={list} label={label} held={summary.held} heading={revisions.side ? "old revision" : undefined} />;
  if (view.isGrouped && summary.rows > 0) shown = <PatternsView client={client} onChoose={choosePattern} />;
  else if (isEmpty) shown = <div class="flex-1 overflow-auto"><EmptyList logs={logs} isFiltered={summary.rows > 0} onReset={control.reset} /></div>;
  return (
    <RowsContext.Provider value={rows}>
      <div class="flex h-full flex-col">
        <LogsToolbar logs={logs} control={control} isPaused={isPaused} actions={{ pause, download: () => setDownloading(true), step: cursor.step, showDeath }} menu={menu} columns={!view.isGrouped && <ColumnPicker list={list} columns={columns} />} />
        <FilterLine terms={filter.terms} pattern={filter.pattern} onChange={setFilter} />
        {revisions.isRolling && rollout.data && <RolloutStrip rollout={rollout.data} view={revisions.view} onView={revisions.setView} />}
        <Notices notices={logs.notices} onDismiss={logs.dismiss} />
        {look.hasHistogram && <HistogramStrip histogram={summary.histogram} from={filter.from} to={filter.to} onRange={(from, to) => setFilter({ from, to })} />}
        <div class="flex min-h-0 flex-1">
          <div class="flex min-w-0 flex-1 narrow:flex-col">
            {shown}
            {revisions.side && !view.isGrouped && <SideList client={client} filter={{ ...filter, onlySources: revisions.side }} />}
          </div>
          {panel && "around" in panel && <ContextPanel client={client} item={panel.around} source={sources[panel.around.source]} onClose={() => setPanel(null)} />}
          {panel && "death" in panel && <DeathPanel place={panel.death} onClose={() => setPanel(null)} />}
        </div>
        <CountsLine logs={logs} list={list} isFiltered={countFilters(view) > 0 || filter.mode !== "highlight"} />
        {isDownloading && <DownloadDialog client={client} view={view} sources={sources} onClose={() => setDownloading(false)} />}
        <KeyboardHelp keys={KEYS} />
      </div>
    </RowsContext.Provider>
  );
}
