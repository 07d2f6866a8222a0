import { classes } from "../classes.ts";
import { useDelayed } from "../hooks/useDelayed.ts";

const WIDTHS = ["w-3/5", "w-2/5", "w-4/5", "w-1/2", "w-2/3", "w-1/3", "w-3/4", "w-2/5"];
const SKELETON_DELAY_MS = 150;

/** Rows that stand for rows to come; nothing at all when the answer is fast. */
export function Skeleton({ rows = 8 }: { rows?: number }) {
  const isDue = useDelayed(true, SKELETON_DELAY_MS);
  if (!isDue) return <div aria-busy="true" />;
  return (
    <div aria-busy="true" aria-label="Loading" role="status" class="flex animate-appear flex-col overflow-hidden">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="flex h-control-h items-center gap-4 border-b border-border/50 px-density-2">
          <span class="h-2.5 w-12 animate-skeleton rounded bg-secondary" />
          <span class={classes("h-2.5 animate-skeleton rounded bg-secondary", WIDTHS[index % WIDTHS.length])} />
        </div>
      ))}
    </div>
  );
}
