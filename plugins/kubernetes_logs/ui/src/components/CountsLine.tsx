import { useListValue, type LogWindow } from "../list/useLogWindow.ts";
import { renderStamp } from "../logic/stamps.ts";
import type { Logs } from "../logic/useLogs.ts";

/** How many lines there are, and how many are not. */
export function CountsLine({ logs, list, isFiltered }: { logs: Logs; list: LogWindow; isFiltered: boolean }) {
  const shown = useListValue(list, ({ lines }) => lines);
  const { rows, dropped, forgotten, since } = logs.summary;
  const rotated = logs.sources.map((one) => one.historyFrom).filter(Boolean).sort()[0];
  return (
    <footer class="flex shrink-0 items-center gap-3 border-t bg-card px-density-2 text-xs leading-5 text-muted-foreground tabular-nums">
      <span data-rows={rows}>
        {isFiltered ? `${shown.toLocaleString()} of ${rows.toLocaleString()}` : rows.toLocaleString()} {rows === 1 ? "line" : "lines"}
      </span>
      {forgotten > 0 && (
        <span class="truncate" title="This page keeps the newest 1.5 million lines; a download has all that are still kept">
          {forgotten.toLocaleString()} older ones let go: here since {renderStamp(since, "local", Date.now())}
        </span>
      )}
      {dropped > 0 && <span class="text-warning-text">{dropped.toLocaleString()} dropped: this page was too slow</span>}
      {rotated && <span class="truncate narrow:hidden">kept since {new Date(rotated).toLocaleString()}</span>}
    </footer>
  );
}
