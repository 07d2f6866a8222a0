import { useMemo, useState } from "preact/hooks";
import type { Rollout } from "../api.ts";
import type { RolloutView } from "../components/RolloutStrip.tsx";
import type { SourceInfo } from "../protocol.ts";

export interface Revisions {
  isRolling: boolean;
  view: RolloutView;
  setView: (view: RolloutView) => void;
  /** Sources of the main list, null for all; of the second one, null for none. */
  main: string[] | null;
  side: string[] | null;
}

/** Split sources into those of the new revision and those of older ones. */
export function useRevisions(rollout: Rollout | undefined, sources: readonly SourceInfo[]): Revisions {
  const [view, setView] = useState<RolloutView>("all");
  const [fresh, old] = useMemo(() => {
    const newest = rollout?.revisions.filter((one) => one.isNew) ?? [];
    const pods = new Set(newest.flatMap((one) => one.pods));
    const names = new Set(newest.map((one) => one.revision));
    const isNew = (source: SourceInfo) => pods.has(source.pod) || names.has(source.revision);
    return [sources.filter(isNew).map((one) => one.key), sources.filter((one) => !isNew(one)).map((one) => one.key)];
  }, [rollout, sources]);
  const live = rollout?.revisions.filter((one) => one.pods.length > 0) ?? [];
  const isRolling = Boolean(rollout?.inProgress || live.length > 1) && fresh.length > 0 && old.length > 0;
  const now = isRolling ? view : "all";
  const main = now === "all" ? null : now === "new" ? fresh : old;
  return { isRolling, view: now, setView, main, side: now === "both" ? fresh : null };
}
