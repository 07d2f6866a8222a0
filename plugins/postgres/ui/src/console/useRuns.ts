import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";
import type { QueryParams } from "../api.ts";
import { isRunning, type Run } from "../logic/run.ts";
import { startQuery, type RunningQuery, type RunPlace } from "./runQuery.ts";

export interface Runs {
  of: (tabId: string) => Run | undefined;
  start: (tabId: string, params: QueryParams, place: RunPlace) => void;
  cancel: (tabId: string) => void;
  forget: (tabId: string) => void;
}

/** The last run of each editor tab. Redraws come at most once per frame, however fast rows arrive. */
export function useRuns(onEnd: (run: Run) => void): Runs {
  const queries = useRef(new Map<string, RunningQuery>());
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  const frame = useRef(0);
  const end = useRef(onEnd);
  end.current = onEnd;
  const drawSoon = useCallback(() => {
    if (frame.current) return;
    frame.current = window.requestAnimationFrame(() => {
      frame.current = 0;
      redraw();
    });
  }, []);
  useEffect(() => {
    const all = queries.current;
    return () => {
      window.cancelAnimationFrame(frame.current);
      for (const query of all.values()) query.cancel();
    };
  }, []);
  const of = (tabId: string) => queries.current.get(tabId)?.run;
  return {
    of,
    start(tabId, params, place) {
      if (isRunning(of(tabId))) return;
      const query = startQuery(params, place, (run) => {
        drawSoon();
        if (!isRunning(run)) end.current(run);
      });
      queries.current.set(tabId, query);
      redraw();
    },
    cancel: (tabId) => queries.current.get(tabId)?.cancel(),
    forget(tabId) {
      queries.current.get(tabId)?.cancel();
      queries.current.delete(tabId);
    },
  };
}
