import { classes, IconButton, StatusDot } from "@mission-control/plugin-ui";
import { LoaderCircle, Plus, X } from "lucide-preact";
import { useState } from "preact/hooks";
import type { EditorTab } from "../logic/editorTabs.ts";
import type { ConsoleTabs } from "./useConsoleTabs.ts";

export interface EditorTabStripProps {
  pages: ConsoleTabs;
  isBusy: (id: string) => boolean;
  isWriting: (id: string) => boolean;
  onClose: (id: string) => void;
}

function Title({ tab, onRename }: { tab: EditorTab; onRename: (title: string) => void }) {
  const [isEditing, setEditing] = useState(false);
  if (!isEditing) {
    return (
      <span class="max-w-40 truncate" title={`${tab.title}: a double click renames it`} onDblClick={() => setEditing(true)}>
        {tab.title}
      </span>
    );
  }
  const done = (text: string) => {
    setEditing(false);
    if (text.trim()) onRename(text.trim());
  };
  return (
    <input
      ref={(input) => input?.select()}
      aria-label="Title"
      defaultValue={tab.title}
      onBlur={(event) => done(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") done(event.currentTarget.value);
        if (event.key === "Escape") setEditing(false);
      }}
      class="w-32 rounded bg-background px-1"
    />
  );
}

/** Pages of SQL, as tabs: a double click renames, the cross closes. */
export function EditorTabStrip({ pages, isBusy, isWriting, onClose }: EditorTabStripProps) {
  return (
    <div role="tablist" aria-label="Queries" class="flex shrink-0 items-end overflow-x-auto overflow-y-hidden border-b bg-muted/60 px-1 pt-1 [scrollbar-width:none]">
      {pages.tabs.map((tab) => {
        const isActive = tab.id === pages.active.id;
        return (
          <div
            key={tab.id}
            class={classes(
              "group/tab -mb-px flex h-7 shrink-0 items-center gap-1 rounded-t-control border pr-0.5 pl-2.5 text-xs",
              isActive ? "border-border border-b-card bg-card" : "border-transparent text-muted-foreground hover:text-foreground",
            )}
          >
            <button type="button" role="tab" aria-selected={isActive} class="flex items-center gap-1.5" onClick={() => pages.choose(tab.id)}>
              {isBusy(tab.id) && <LoaderCircle aria-label="running" class="size-3 animate-spin text-primary" />}
              {isWriting(tab.id) && <StatusDot shape="diamond" tone="destructive" label="writes" />}
              <Title tab={tab} onRename={(title) => pages.change(tab.id, { title })} />
            </button>
            <button
              type="button"
              aria-label={`Close ${tab.title}`}
              onClick={() => onClose(tab.id)}
              class={classes("rounded p-0.5 hover:bg-accent", !isActive && "opacity-0 group-hover/tab:opacity-100 focus-visible:opacity-100")}
            >
              <X aria-hidden class="size-3" />
            </button>
          </div>
        );
      })}
      <IconButton label="New query" class="mb-0.5 !size-6" onClick={() => pages.add()}>
        <Plus class="size-3.5" />
      </IconButton>
    </div>
  );
}
