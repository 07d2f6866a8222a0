import { Badge, Button } from "@mission-control/plugin-ui";
import type { Revision, Rollout } from "../api.ts";

export type RolloutView = "all" | "new" | "old" | "both";

const CHOICES: readonly (readonly [RolloutView, string])[] = [
  ["all", "together"],
  ["both", "side by side"],
  ["new", "new only"],
  ["old", "old only"],
];

function Side({ word, revisions }: { word: string; revisions: readonly Revision[] }) {
  const ready = revisions.reduce((sum, one) => sum + one.ready, 0);
  const desired = revisions.reduce((sum, one) => sum + Math.max(one.desired, one.pods.length), 0);
  const images = [...new Set(revisions.flatMap((one) => one.images))].join(", ");
  return (
    <span class="flex min-w-0 items-center gap-1" title={images}>
      <Badge tone={word === "new" ? "primary" : "neutral"}>{word}</Badge>
      <span class="tabular-nums">
        {ready}/{desired} ready
      </span>
      <span class="truncate text-muted-foreground">{images.split("/").at(-1)}</span>
    </span>
  );
}

/** A rollout in progress: old and new, and how to look at them. */
export function RolloutStrip({ rollout, view, onView }: { rollout: Rollout; view: RolloutView; onView: (view: RolloutView) => void }) {
  const fresh = rollout.revisions.filter((one) => one.isNew);
  const old = rollout.revisions.filter((one) => !one.isNew && (one.pods.length > 0 || one.desired > 0));
  return (
    <div role="group" aria-label="Rollout" class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-info/8 px-density-2 py-1 text-xs" title={rollout.message}>
      <span class="font-medium">{rollout.inProgress ? "Rolling out" : "Two revisions"}</span>
      <Side word="new" revisions={fresh} />
      <Side word="old" revisions={old} />
      <span class="ml-auto flex gap-0.5">
        {CHOICES.map(([value, label]) => (
          <Button key={value} kind="ghost" aria-pressed={view === value} class={view === value ? "h-6! bg-accent text-primary!" : "h-6!"} onClick={() => onView(value)}>
            {label}
          </Button>
        ))}
      </span>
    </div>
  );
}
