import { classes, type Operation } from "@mission-control/plugin-ui";
import type { Stats } from "../api.ts";
import type { PageTab } from "../logic/pageTabs.ts";
import { ServerLabel } from "./ServerLabel.tsx";

export interface PageTabsProps {
  tabs: readonly PageTab[];
  current: string;
  counts: Record<string, number | undefined>;
  stats: Operation<Stats>;
  onChoose: (path: string) => void;
}

/** Inner tabs, scrolling sideways when there are more than fit, and the server they are about. */
export function PageTabs({ tabs, current, counts, stats, onChoose }: PageTabsProps) {
  return (
    <div class="flex shrink-0 items-stretch gap-3 border-b bg-card pr-3 pl-1 narrow:flex-col-reverse narrow:gap-0 narrow:pr-1">
      <div role="tablist" aria-label="Postgres" class="flex min-w-0 overflow-x-auto overflow-y-hidden [scrollbar-width:none]">
        {tabs.map((tab) => (
          <button
            key={tab.path}
            type="button"
            role="tab"
            aria-selected={tab.path === current}
            onClick={() => onChoose(tab.path)}
            class={classes(
              "-mb-px flex h-8 shrink-0 items-center gap-1.5 border-b-2 px-2.5",
              tab.path === current ? "border-primary font-medium" : "border-transparent text-muted-foreground hover:text-foreground",
            )}
          >
            {tab.label}
            {counts[tab.path] !== undefined && <span class="text-xs font-normal text-muted-foreground tabular-nums">{counts[tab.path]}</span>}
          </button>
        ))}
      </div>
      <ServerLabel stats={stats} />
    </div>
  );
}
