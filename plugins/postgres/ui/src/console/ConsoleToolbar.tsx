import { Button, copyText, formatCount, formatTimer, Menu, MenuItem, parsePageLocation, Select, useNow } from "@mission-control/plugin-ui";
import { Download, Ellipsis, History, Link, Network, Play, Square } from "lucide-preact";
import type { QueryMode } from "../api.ts";
import { DatabaseSelect } from "../components/DatabaseSelect.tsx";
import { ROW_LIMITS, type EditorTab } from "../logic/editorTabs.ts";
import { isRunning, type Run } from "../logic/run.ts";
import type { ExportFormat } from "./exportQuery.ts";
import { ModeSwitch } from "./ModeSwitch.tsx";

export interface ConsoleToolbarProps {
  tab: EditorTab;
  /** The connection's own, empty until it is known. */
  defaultDatabase: string;
  run: Run | undefined;
  mode: QueryMode;
  onRun: () => void;
  onCancel: () => void;
  onMode: (mode: QueryMode) => void;
  onChange: (change: Partial<EditorTab>) => void;
  onHistory: () => void;
  onExplain: (analyze: boolean) => void;
  onExport: (format: ExportFormat) => void;
}

const EXPORTS: readonly ExportFormat[] = ["csv", "json", "ndjson"];

function Timer({ run }: { run: Run }) {
  const now = useNow(100);
  return <span class="text-xs text-muted-foreground tabular-nums">{formatTimer(now - run.startedAtMs)}</span>;
}

/** Return an address that opens this statement for somebody else; it is shown, not run. */
function linkTo(tab: EditorTab): string {
  const { itemId, plugin } = parsePageLocation(window.location);
  const query = new URLSearchParams({ q: tab.text, ...(tab.database ? { database: tab.database } : {}) });
  const view = new URLSearchParams({ view: `/console?${query}` });
  return `${window.location.origin}/items/${itemId}/${encodeURIComponent(plugin)}/0?${view}`;
}

/** Run or cancel, where, how much, and whether writing is allowed. */
export function ConsoleToolbar({ tab, defaultDatabase, run, mode, onRun, onCancel, onMode, onChange, onHistory, onExplain, onExport }: ConsoleToolbarProps) {
  const isBusy = run !== undefined && isRunning(run);
  return (
    <div role="toolbar" aria-label="Console" class="flex shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b bg-card px-density-2 py-density-1">
      {isBusy ? (
        <Button class="w-24" icon={<Square aria-hidden class="size-3 fill-current" />} disabled={run.status === "cancelling"} onClick={onCancel}>
          {run.status === "cancelling" ? "Stopping" : "Cancel"}
        </Button>
      ) : (
        <Button class="w-24" kind={mode === "write" ? "destructive" : "primary"} title="Ctrl-Enter: the selection, else all" icon={<Play aria-hidden class="size-3 fill-current" />} onClick={onRun}>
          {mode === "write" ? "Run write" : "Run"}
        </Button>
      )}
      {isBusy && <Timer run={run} />}
      <Button disabled={isBusy} icon={<Network aria-hidden class="size-3.5" />} title="The plan of the selection or of everything; a pasted plan is read" onClick={() => onExplain(false)}>
        Explain
      </Button>
      <DatabaseSelect value={tab.database} none={defaultDatabase ? `${defaultDatabase} (default)` : "Default database"} onChange={(database) => onChange({ database })} />
      <Select
        label="Rows at most, per statement"
        value={String(tab.rowLimit)}
        options={ROW_LIMITS.map((limit) => ({ value: String(limit), label: `${formatCount(limit)} rows` }))}
        onChange={(limit) => onChange({ rowLimit: Number(limit) })}
      />
      <ModeSwitch mode={mode} isDisabled={isBusy} onChange={onMode} />
      <div class="ml-auto flex items-center gap-1">
        <Button kind="ghost" icon={<History aria-hidden class="size-3.5" />} onClick={onHistory}>
          <span class="narrow:sr-only">History</span>
        </Button>
        <Menu label="More" icon={<Ellipsis class="size-4" />}>
          {(close) => (
            <>
            <MenuItem
              icon={<Network class="size-3.5 text-muted-foreground" />}
              onClick={() => {
                onExplain(true);
                close();
              }}
            >
              Explain and run, rolled back
            </MenuItem>
            {EXPORTS.map((format) => (
              <MenuItem
                key={format}
                icon={<Download class="size-3.5 text-muted-foreground" />}
                onClick={() => {
                  onExport(format);
                  close();
                }}
              >
                Export all rows as {format.toUpperCase()}
              </MenuItem>
            ))}
            <MenuItem
              icon={<Link class="size-3.5 text-muted-foreground" />}
              onClick={() => {
                void copyText(linkTo(tab));
                close();
              }}
            >
              Copy link to this query
            </MenuItem>
            </>
          )}
        </Menu>
      </div>
    </div>
  );
}
