import { classes } from "@mission-control/plugin-ui";
import { CircleAlert } from "lucide-preact";
import type { ResultView } from "../logic/resultViews.ts";

/** One tab per statement, with how many rows it gave. */
export function ResultTabs({ views, current, onChoose }: { views: ResultView[]; current: string | undefined; onChoose: (key: string) => void }) {
  return (
    <div role="tablist" aria-label="Results" class="flex shrink-0 overflow-x-auto overflow-y-hidden border-b bg-card px-1 [scrollbar-width:none]">
      {views.map((view) => (
        <button
          key={view.key}
          type="button"
          role="tab"
          aria-selected={view.key === current}
          title={view.kind === "set" ? view.set.statement : undefined}
          onClick={() => onChoose(view.key)}
          class={classes(
            "-mb-px flex h-7 shrink-0 items-center gap-1.5 border-b-2 px-2.5 text-xs whitespace-pre",
            view.key === current ? "border-primary" : "border-transparent text-muted-foreground hover:text-foreground",
            view.kind === "error" && "text-destructive",
          )}
        >
          {view.kind === "error" && <CircleAlert aria-hidden class="size-3.5" />}
          <span class={classes(view.kind === "set" && "font-mono")}>{view.label}</span>
          {view.count && <span class="text-muted-foreground tabular-nums">{view.count}</span>}
        </button>
      ))}
    </div>
  );
}
