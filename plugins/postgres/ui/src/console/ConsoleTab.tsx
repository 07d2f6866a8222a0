import { useCall } from "@mission-control/plugin-ui";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSchema, type Instance, type QueryMode } from "../api.ts";
import type { Editor } from "../editor/createEditor.ts";
import { SqlEditor } from "../editor/SqlEditor.tsx";
import type { ConsoleLink } from "../logic/consoleLink.ts";
import { errorRange } from "../logic/errorPlace.ts";
import { isRunning, totalRows, type Run } from "../logic/run.ts";
import { serverHost } from "../logic/target.ts";
import { PlanPane } from "../plan/PlanPane.tsx";
import { usePlan } from "../plan/usePlan.ts";
import { ConsoleToolbar } from "./ConsoleToolbar.tsx";
import { exportQuery, type ExportFormat } from "./exportQuery.ts";
import { EditorTabStrip } from "./EditorTabStrip.tsx";
import { HistoryDialog } from "./HistoryDialog.tsx";
import { Results } from "./Results.tsx";
import { SplitPane } from "./SplitPane.tsx";
import { useConsoleTabs } from "./useConsoleTabs.ts";
import { useHistory } from "./useHistory.ts";
import { useRuns } from "./useRuns.ts";
import { WriteConfirm } from "./WriteConfirm.tsx";

const newQueryId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

export interface ConsoleTabProps {
  isActive: boolean;
  /** A statement that the page's address brought. */
  link: ConsoleLink | null;
  /** A statement that another tab sent here; shown in an editor of its own, not run. */
  incoming: ConsoleLink | null;
  instance: Instance | undefined;
}

/** Write SQL, run it, read what comes back. Stays mounted once opened, so that running statements and results stay too. */
export function ConsoleTab({ isActive, link, incoming, instance }: ConsoleTabProps) {
  const editor = useRef<Editor | null>(null);
  const pages = useConsoleTabs(link, incoming);
  const { active } = pages;
  const history = useHistory();
  const schema = useSchema(active.database);
  const [writing, setWriting] = useState<Record<string, string>>({}); // tab id -> database that writing was confirmed for
  const [isAsking, setAsking] = useState(false);
  const [isHistoryOpen, setHistoryOpen] = useState(false);
  const plan = usePlan();
  const [planTab, setPlanTab] = useState<string | null>(null); // the editor tab whose plan is shown in place of results
  const defaultDatabase = instance?.databaseName ?? "";
  const database = active.database || defaultDatabase;
  const mode: QueryMode = writing[active.id] !== undefined && writing[active.id] === database ? "write" : "read";

  const disarm = () => setWriting((before) => Object.fromEntries(Object.entries(before).filter(([id]) => id !== active.id)));

  const runs = useRuns((run: Run) => {
    const outcome = run.status === "done" || run.status === "failed" || run.status === "cancelled" ? run.status : undefined;
    history.add({ text: run.text, database: run.database, mode: run.mode, atMs: run.startedAtMs, outcome, durationMs: (run.endedAtMs ?? Date.now()) - run.startedAtMs, rows: totalRows(run) });
  });
  const run = runs.of(active.id);
  const error = run?.error;
  const marked = useRef(new WeakSet<Run>());
  useEffect(() => {
    // Once per run: what is typed after that moves or mends the mark.
    const range = run && error && !marked.current.has(run) && errorRange(error, run.text);
    if (run && error) marked.current.add(run);
    if (range) editor.current?.mark({ range: { from: range.from + run.offset, to: range.to + run.offset }, message: error.message });
  }, [run, error]);

  function start(asked: { text: string; offset: number }, runMode: QueryMode) {
    if (!asked.text.trim() || isRunning(run)) return;
    editor.current?.mark(null);
    const params = { statement: asked.text, rowLimit: active.rowLimit, mode: runMode, queryId: newQueryId(), ...(active.database ? { database: active.database } : {}) };
    runs.start(active.id, params, { offset: asked.offset, database });
  }
  const chosen = () => editor.current?.chosen() ?? { text: active.text, offset: 0 };
  const runChosen = () => {
    setPlanTab(null);
    start(chosen(), mode);
  };
  const explain = (analyze: boolean) => {
    if (!chosen().text.trim()) return;
    setPlanTab(active.id);
    plan.run({ text: chosen().text, database: active.database, analyze });
  };
  const exporting = useCall<ExportFormat, undefined>(async (format) => {
    await exportQuery(chosen().text, active.database, format);
    return undefined;
  });

  const isLinkRun = useRef(link?.isRun ?? false);
  useEffect(() => {
    if (!isLinkRun.current || !link) return;
    isLinkRun.current = false;
    start({ text: active.text, offset: 0 }, "read");
  });
  useEffect(() => {
    if (isActive) editor.current?.focus();
  }, [isActive]);

  return (
    <div class={isActive ? "flex min-h-0 flex-1 flex-col" : "hidden"}>
      <EditorTabStrip
        pages={pages}
        isBusy={(id) => isRunning(runs.of(id))}
        isWriting={(id) => writing[id] !== undefined}
        onClose={(id) => {
          runs.forget(id);
          pages.close(id);
        }}
      />
      <ConsoleToolbar
        tab={active}
        defaultDatabase={defaultDatabase}
        run={run}
        mode={mode}
        onRun={runChosen}
        onCancel={() => runs.cancel(active.id)}
        onMode={(next) => (next === "write" ? setAsking(true) : disarm())}
        onChange={(change) => {
          if (change.database !== undefined) disarm();
          pages.change(active.id, change);
        }}
        onHistory={() => setHistoryOpen(true)}
        onExplain={explain}
        onExport={exporting.run}
      />
      {exporting.error && (
        <p role="alert" class="border-b bg-destructive/8 px-3 py-1.5 text-destructive">
          Export failed: {exporting.error.message}
        </p>
      )}
      <SplitPane
        id="postgres-console"
        top={
          <SqlEditor
            tabId={active.id}
            text={active.text}
            schema={schema.data ?? {}}
            isWriting={mode === "write"}
            handle={editor}
            onChange={(text) => pages.change(active.id, { text })}
            onRun={runChosen}
          />
        }
        bottom={planTab === active.id ? <PlanPane plan={plan} /> : <Results key={active.id} run={run} onGoTo={(range) => editor.current?.goTo(range)} />}
      />
      {isAsking && (
        <WriteConfirm
          database={database}
          host={serverHost(instance)}
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            setWriting((before) => ({ ...before, [active.id]: database }));
          }}
        />
      )}
      {isHistoryOpen && (
        <HistoryDialog
          history={history}
          database={database}
          onClose={() => setHistoryOpen(false)}
          onChoose={(entry) => {
            setHistoryOpen(false);
            if (active.text.trim()) pages.add({ text: entry.text, database: entry.database === defaultDatabase ? active.database : entry.database });
            else editor.current?.setText(entry.text);
          }}
        />
      )}
    </div>
  );
}

