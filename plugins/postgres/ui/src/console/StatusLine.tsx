import { classes, downloadText, formatTimer, Menu, MenuItem, renderCsv, renderJson, slug, useNow } from "@mission-control/plugin-ui";
import { Download } from "lucide-preact";
import { isRunning, type ResultSet, type Run } from "../logic/run.ts";
import { statusParts } from "../logic/statusParts.ts";

function save(run: Run, set: ResultSet, format: "csv" | "json"): void {
  const names = (set.columns ?? []).map((column) => column.name);
  const file = `${slug(run.database, "results")}${run.sets.length > 1 ? `-${set.index + 1}` : ""}.${format}`;
  if (format === "csv") downloadText(file, "text/csv;charset=utf-8", renderCsv(names, set.rows));
  else downloadText(file, "application/json", renderJson(names, set.rows));
}

/** `12 rows · 8 ms · read-only`, truncation in plain words, and export of what is loaded. */
export function StatusLine({ run, set }: { run: Run; set: ResultSet | undefined }) {
  const isBusy = isRunning(run);
  const now = useNow(100, isBusy);
  const parts = statusParts(run, set);
  return (
    <div role="status" class="flex h-7 shrink-0 items-center gap-1.5 border-t bg-card px-density-2 text-xs text-muted-foreground tabular-nums">
      <span class="min-w-0 truncate">
        {isBusy && <span class="text-primary">{run.status === "cancelling" ? "cancelling" : "running"} · {formatTimer(now - run.startedAtMs)} · </span>}
        {parts.map((part, index) => (
          <span key={part.text} class={classes(part.tone === "warning" && "font-medium text-warning-text", part.tone === "destructive" && "font-medium text-destructive")}>
            {index > 0 && <span class="font-normal text-muted-foreground"> · </span>}
            {part.text}
          </span>
        ))}
      </span>
      {set?.columns && set.rows.length > 0 && (
        <span class="ml-auto [&_div]:top-auto [&_div]:bottom-full">
          <Menu label="Export loaded rows" icon={<Download class="size-3.5" />}>
            {(close) =>
              (["csv", "json"] as const).map((format) => (
                <MenuItem
                  key={format}
                  onClick={() => {
                    save(run, set, format);
                    close();
                  }}
                >
                  Save {set.rows.length.toLocaleString()} loaded rows as {format.toUpperCase()}
                </MenuItem>
              ))
            }
          </Menu>
        </span>
      )}
    </div>
  );
}
