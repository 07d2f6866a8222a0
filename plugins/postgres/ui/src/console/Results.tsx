import { Message, Skeleton, useHotkeys } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import type { TextRange } from "../logic/errorPlace.ts";
import { isRunning, type Run } from "../logic/run.ts";
import { defaultView, resultViews } from "../logic/resultViews.ts";
import { NoticeList } from "./NoticeList.tsx";
import { ResultSetView } from "./ResultSetView.tsx";
import { ResultTabs } from "./ResultTabs.tsx";
import { RunError } from "./RunError.tsx";
import { StatusLine } from "./StatusLine.tsx";

/** What a run gave: one tab per statement, one for its error, one for notices, and the status line. */
export function Results({ run, onGoTo }: { run: Run | undefined; onGoTo: (range: TextRange) => void }) {
  const [chosen, setChosen] = useState<{ queryId: string; view: string } | null>(null);
  const [openRow, setOpenRow] = useState<{ view: string; row: number } | null>(null);
  useHotkeys({ Escape: () => setOpenRow(null) }, openRow !== null);
  if (!run) {
    return (
      <Message title="No result yet">
        <p>Ctrl-Enter runs the selection, or everything. In read mode nothing can be changed.</p>
      </Message>
    );
  }
  const views = resultViews(run);
  const own = chosen?.queryId === run.queryId ? views.find((view) => view.key === chosen.view) : undefined;
  const view = own ?? defaultView(run, views);
  return (
    <>
      {views.length > 1 && <ResultTabs views={views} current={view?.key} onChoose={(key) => setChosen({ queryId: run.queryId, view: key })} />}
      <div class="flex min-h-0 flex-1">
        {!view && (isRunning(run) ? <Skeleton rows={6} /> : <Message title={run.status === "cancelled" ? "Cancelled" : "Nothing came back"} />)}
        {view?.kind === "error" && run.error && <RunError error={run.error} run={run} onGoTo={onGoTo} />}
        {view?.kind === "notices" && <NoticeList run={run} />}
        {view?.kind === "set" && (
          <ResultSetView
            key={`${run.queryId} ${view.key}`}
            set={view.set}
            isRunning={isRunning(run)}
            openRow={openRow?.view === `${run.queryId} ${view.key}` ? openRow.row : null}
            onOpenRow={(row) => setOpenRow(row === null ? null : { view: `${run.queryId} ${view.key}`, row })}
          />
        )}
      </div>
      <StatusLine run={run} set={view?.kind === "set" ? view.set : undefined} />
    </>
  );
}
