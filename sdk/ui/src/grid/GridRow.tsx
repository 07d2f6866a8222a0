import type { VirtualItem } from "@tanstack/virtual-core";
import { classes } from "../classes.ts";
import { placed } from "../geometry.ts";
import { isNumericType, type GridColumn } from "../logic/grid.ts";
import { GridCell } from "./GridCell.tsx";
import type { GridWindow } from "./useGridWindow.ts";

export interface GridRowProps {
  view: GridWindow;
  columns: readonly GridColumn[];
  /** The columns in view. */
  shown: readonly VirtualItem[];
  row: readonly unknown[];
  item: VirtualItem;
  /** Column of the chosen cell, -1 when it is in another row. */
  chosen: number;
  isOpen: boolean;
}

/** One line of a result, with the cells that are in view. */
export function GridRow({ view, columns, shown, row, item, chosen, isOpen }: GridRowProps) {
  return (
    <div
      role="row"
      aria-rowindex={item.index + 2}
      data-row={item.index}
      ref={placed({ "--y": `${item.start}px`, "--index-w": `${view.indexWidth}px` })}
      class={classes(
        "absolute top-(--y) left-0 h-control-h w-full font-mono text-xs leading-(--control-h) [contain:layout_style]",
        isOpen ? "bg-accent" : "hover:bg-accent/50",
      )}
    >
      <div
        role="rowheader"
        class="sticky left-0 z-10 float-left h-full w-(--index-w) border-r border-b border-border/60 bg-card px-2 text-right text-muted-foreground tabular-nums select-none"
      >
        {(item.index + 1).toLocaleString()}
      </div>
      {shown.map((column) => (
        <GridCell
          key={column.index}
          column={column.index}
          value={row[column.index]}
          isNumeric={isNumericType(columns[column.index]?.type)}
          isChosen={chosen === column.index}
          place={view.placeAt(column.start, column.size)}
        />
      ))}
    </div>
  );
}
