import { Button, Checkbox, classes, Dialog, formatAge, formatDuration, formatExactTime, formatPlural, IconButton, oneLine, SearchBox } from "@mission-control/plugin-ui";
import { Trash2 } from "lucide-preact";
import { useState } from "preact/hooks";
import { searchHistory, type HistoryEntry } from "../logic/history.ts";
import type { History } from "./useHistory.ts";

export interface HistoryDialogProps {
  history: History;
  database: string;
  onChoose: (entry: HistoryEntry) => void;
  onClose: () => void;
}

function facts(entry: HistoryEntry): string {
  const parts = [
    formatAge(Date.now() - entry.atMs),
    entry.database,
    entry.mode === "write" && "write",
    entry.outcome === "done" ? entry.rows !== undefined && formatPlural(entry.rows, "row") : entry.outcome,
    entry.durationMs !== undefined && formatDuration(entry.durationMs),
  ];
  return parts.filter(Boolean).join(" · ");
}

/** What was run on this item; a click brings it back, nothing runs. */
export function HistoryDialog({ history, database, onChoose, onClose }: HistoryDialogProps) {
  const [search, setSearch] = useState("");
  const [isAll, setAll] = useState(false);
  const entries = searchHistory(history.entries, isAll ? "" : database, search);
  return (
    <Dialog
      title="History"
      onClose={onClose}
      actions={
        history.entries.length > 0 && (
          <Button kind="destructive-outline" onClick={history.clear}>
            Delete {formatPlural(history.entries.length, "entry", "entries")}
          </Button>
        )
      }
    >
      <div class="mb-2 flex items-center gap-2">
        <SearchBox class="flex-1" label="Search statements" value={search} onChange={setSearch} hasHotkey={false} />
        <Checkbox label="all databases" isOn={isAll} onChange={setAll} />
      </div>
      {entries.length === 0 && <p class="py-6 text-center text-muted-foreground">{history.entries.length ? "Nothing matches." : "Statements you run are listed here."}</p>}
      <ul>
        {entries.map((entry) => (
          <li key={`${entry.database} ${entry.atMs} ${entry.text}`} class="group/entry flex items-center border-b last:border-0">
            <button type="button" class="min-w-0 flex-1 rounded-control px-1 py-1.5 text-left hover:bg-accent" title={entry.text.slice(0, 2000)} onClick={() => onChoose(entry)}>
              <span class="block truncate font-mono text-xs">{oneLine(entry.text)}</span>
              <span class={classes("text-xs", entry.outcome === "failed" ? "text-destructive" : "text-muted-foreground")} title={formatExactTime(new Date(entry.atMs))}>
                {facts(entry)}
              </span>
            </button>
            <IconButton label="Delete from history" onClick={() => history.remove(entry)}>
              <Trash2 class="size-3.5" />
            </IconButton>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
