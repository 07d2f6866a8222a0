import { formatCount, oneLine } from "@mission-control/plugin-ui";
import type { Notice, ResultSet, Run } from "./run.ts";

/** A tab of the results. */
export type ResultView = { key: string; label: string; count: string } & ({ kind: "set"; set: ResultSet } | { kind: "error" } | { kind: "notices" });

const LABEL_CHARS = 28;

function setCount(set: ResultSet): string {
  if (set.columns) return formatCount(set.rows.length);
  return set.end?.rowsAffected === undefined ? "" : formatCount(set.end.rowsAffected);
}

/** Return all notices of a run. */
export function allNotices(run: Run): Notice[] {
  return run.sets.flatMap((set) => set.end?.notices ?? []);
}

/** Return the tabs: statements in order, the error, the notices. */
export function resultViews(run: Run): ResultView[] {
  const views: ResultView[] = run.sets.map((set) => ({
    kind: "set", key: `set ${set.index}`, label: `${set.index + 1}  ${oneLine(set.statement, LABEL_CHARS)}`, count: setCount(set), set,
  }));
  if (run.error) {
    // A statement that failed has no result of its own.
    const last = run.sets.at(-1);
    if (last && !last.end && last.rows.length === 0) views.pop();
    views.push({ kind: "error", key: "error", label: "Error", count: "" });
  }
  const notices = allNotices(run).length;
  if (notices) views.push({ kind: "notices", key: "notices", label: "Notices", count: formatCount(notices) });
  return views;
}

/** Return the tab to open on: the error, else the last statement with rows, else the last. */
export function defaultView(run: Run, views: readonly ResultView[]): ResultView | undefined {
  if (run.error) return views.find((view) => view.kind === "error");
  const sets = views.filter((view) => view.kind === "set");
  return sets.findLast((view) => view.set.columns !== null) ?? sets.at(-1);
}
