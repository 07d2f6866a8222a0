import { classes } from "@mission-control/plugin-ui";
import { FileText } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { tabIcon } from "../tabIcon.ts";
import type { ShellTab } from "../logic/tabs.ts";

interface TabButtonProps {
  isCurrent: boolean;
  title: string;
  onClick: () => void;
  children: ComponentChildren;
}

function TabButton({ isCurrent, title, onClick, children }: TabButtonProps) {
  return (
    <button
      type="button"
      role="tab"
      aria-selected={isCurrent}
      title={title}
      onClick={onClick}
      class={classes(
        "-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 px-2.5",
        isCurrent ? "border-primary font-medium text-foreground" : "border-transparent text-muted-foreground hover:text-foreground",
      )}
    >
      {children}
    </button>
  );
}

export interface TabBarProps {
  tabs: ShellTab[];
  current: ShellTab | undefined;
  isItem: boolean;
  onChoose: (tab: ShellTab | null) => void;
}

/** The item's tabs, grouped by plugin, and the host's own at the end. */
export function TabBar({ tabs, current, isItem, onChoose }: TabBarProps) {
  return (
    <div role="tablist" aria-label="Tabs of this item" class="flex shrink-0 overflow-x-auto overflow-y-hidden border-b bg-card px-2 [scrollbar-width:none]">
      {tabs.map((tab, index) => {
        const Icon = tabIcon(tab.icon);
        const isNewGroup = index > 0 && tabs[index - 1]?.plugin !== tab.plugin;
        return (
          <span key={`${tab.plugin}/${tab.slug}`} class="flex shrink-0 items-center">
            {isNewGroup && <span aria-hidden class="mx-1 h-4 border-l" />}
            <TabButton isCurrent={tab === current} title={`${tab.name} (plugin ${tab.plugin})`} onClick={() => onChoose(tab)}>
              <Icon aria-hidden class="size-3.5" />
              {tab.name}
            </TabButton>
          </span>
        );
      })}
      {tabs.length > 0 && <span aria-hidden class="mx-1 h-4 self-center border-l" />}
      <TabButton isCurrent={isItem} title="What the catalog knows about this item" onClick={() => onChoose(null)}>
        <FileText aria-hidden class="size-3.5" />
        Item
      </TabButton>
    </div>
  );
}
