import type { ComponentChildren } from "preact";
import { memo } from "preact/compat";
import { classes } from "../classes.ts";
import type { Column, RowTone } from "./column.ts";

const TONES: Record<RowTone, string> = {
  destructive: "bg-destructive/6 hover:bg-destructive/12",
  warning: "bg-warning/8 hover:bg-warning/15",
  muted: "text-muted-foreground hover:bg-accent/60",
};

/** The mark at the row's start, which a selection does not cover. */
const BARS: Record<RowTone, string> = {
  destructive: "shadow-[inset_0.1875rem_0_0_var(--destructive)]",
  warning: "shadow-[inset_0.1875rem_0_0_var(--warning)]",
  muted: "",
};

export interface TableRowProps<Row> {
  row: Row;
  rowKey: string;
  columns: readonly Column<Row>[];
  tone?: RowTone;
  isSelected: boolean;
  isCursor: boolean;
  isGone: boolean;
}

/** Draw one cell: the column's own drawing, else its value. */
export function cellContent<Row>(column: Column<Row>, row: Row): ComponentChildren {
  if (column.cell) return column.cell(row);
  const value = column.value(row);
  return value === null || value === undefined || value === "" ? null : String(value);
}

function Row<Row>({ row, rowKey, columns, tone, isSelected, isCursor, isGone }: TableRowProps<Row>) {
  return (
    <tr
      data-key={rowKey}
      aria-selected={isSelected}
      class={classes(
        "h-control-h cursor-default",
        tone && BARS[tone],
        isSelected ? "bg-accent" : tone ? TONES[tone] : "hover:bg-accent/60",
        isCursor && !isSelected && "outline outline-1 -outline-offset-1 outline-ring/60",
        isGone && "line-through opacity-45",
      )}
    >
      {columns.map((column) => (
        <td
          key={column.id}
          data-column={column.id}
          title={column.title?.(row)}
          class={classes(
            "truncate border-b border-border/60 px-2 py-0 align-middle last:pr-9",
            column.isNumeric && "text-right tabular-nums",
            column.isCode && "font-mono text-xs",
          )}
        >
          {cellContent(column, row)}
        </td>
      ))}
    </tr>
  );
}

/** One row of a table; redrawn only when its data or its marks change. */
export const TableRow = memo(Row) as typeof Row;
