import { classes } from "../classes.ts";
import type { Column, RowTone } from "./column.ts";
import { cellContent } from "./TableRow.tsx";

const TONES: Record<RowTone, string> = {
  destructive: "bg-destructive/6 shadow-[inset_0.1875rem_0_0_var(--destructive)]",
  warning: "bg-warning/8 shadow-[inset_0.1875rem_0_0_var(--warning)]",
  muted: "text-muted-foreground",
};

export interface NarrowRowProps<Row> {
  row: Row;
  rowKey: string;
  columns: readonly Column<Row>[];
  tone?: RowTone;
  isSelected: boolean;
  isGone: boolean;
}

/** A row as two lines: its name and the one figure that matters; the rest muted below. */
export function NarrowRow<Row>({ row, rowKey, columns, tone, isSelected, isGone }: NarrowRowProps<Row>) {
  const at = (place: string) => columns.filter((column) => column.narrow === place);
  const parts = at("detail")
    .map((column) => ({ column, content: cellContent(column, row) }))
    .filter(({ content }) => content !== null && content !== false && content !== undefined && content !== "");
  return (
    <tr data-key={rowKey} aria-selected={isSelected} class={classes(tone && TONES[tone], isSelected && "bg-accent", isGone && "line-through opacity-45")}>
      <td class="h-13 border-b p-0">
        <div class="flex h-full flex-col justify-center gap-0.5 px-3">
          <div class="flex items-center gap-2">
            <span class="flex min-w-0 flex-1 items-center gap-1.5 truncate font-medium">
              {at("title").map((column) => (
                <span key={column.id} class="min-w-0 truncate">
                  {cellContent(column, row)}
                </span>
              ))}
            </span>
            {at("figure").map((column) => (
              <span key={column.id} class="shrink-0 tabular-nums">
                {cellContent(column, row)}
              </span>
            ))}
          </div>
          <div class="flex min-w-0 items-center gap-1.5 overflow-hidden text-xs whitespace-nowrap text-muted-foreground">
            {parts.map(({ column, content }, index) => (
              <span key={column.id} class={classes("truncate", index === parts.length - 1 ? "min-w-0" : "max-w-36 shrink-0")}>
                {index > 0 && <span aria-hidden>· </span>}
                {column.isNumeric && `${column.header.toLowerCase()} `}
                {content}
              </span>
            ))}
          </div>
        </div>
      </td>
    </tr>
  );
}
