import { classes } from "@mission-control/plugin-ui";
import { X } from "lucide-preact";
import { useContext } from "preact/hooks";
import { COLUMN_WIDTHS, RowsContext, type RowContext } from "./context.ts";

/** Names of the fields above their columns, each with its way out. */
export function ColumnHead() {
  const rows = useContext(RowsContext) as RowContext;
  if (!rows.columns.length || rows.isNarrow) return null;
  return (
    <div role="group" aria-label="Columns" class="flex shrink-0 gap-[1ch] overflow-hidden border-b border-l-2 border-l-transparent bg-card pr-2 font-mono text-xs leading-6 text-muted-foreground">
      <span class="w-1 shrink-0" />
      {rows.stampChars > 0 && <span class="w-(--stamp-w) shrink-0">time</span>}
      {rows.nameChars > 0 && <span class="w-(--name-w) shrink-0 truncate">source</span>}
      <span class="w-[6.5ch] shrink-0">level</span>
      {rows.columns.map(({ name, isNumeric }, at) => (
        <span key={name} class={classes("group/head relative mr-[1ch] shrink-0", COLUMN_WIDTHS[at])}>
          <span class={classes("block truncate font-medium text-foreground", isNumeric && "text-right")} title={name}>
            {name}
          </span>
          <button
            type="button"
            aria-label={`Remove the column ${name}`}
            title={`Remove the column ${name}`}
            class="absolute inset-y-0 -right-[0.5ch] flex items-center bg-card px-0.5 opacity-0 group-hover/head:opacity-100 hover:text-destructive focus-visible:opacity-100"
            onClick={() => rows.toggleColumn(name)}
          >
            <X class="size-3.5" />
          </button>
        </span>
      ))}
      <span class="min-w-0 flex-1 truncate">line</span>
    </div>
  );
}
