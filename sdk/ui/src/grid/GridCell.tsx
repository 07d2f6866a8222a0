import { memo } from "preact/compat";
import { classes } from "../classes.ts";
import { gridText } from "../logic/grid.ts";

/** Text longer than this is cut on screen only; the row's panel shows all of it. */
const SHOWN_CHARS = 300;

export interface GridCellProps {
  value: unknown;
  column: number;
  isNumeric: boolean;
  isChosen: boolean;
  place: (element: HTMLElement | null) => void;
}

function Cell({ value, column, isNumeric, isChosen, place }: GridCellProps) {
  const isNull = value === null || value === undefined;
  return (
    <div
      role="gridcell"
      data-column={column}
      aria-selected={isChosen}
      ref={place}
      class={classes(
        "absolute top-0 left-(--x) h-full w-(--w) overflow-hidden border-r border-b border-border/60 px-2 text-ellipsis whitespace-pre",
        isNumeric && "text-right tabular-nums",
        isNull && "text-muted-foreground italic opacity-70",
        isChosen && "outline outline-2 -outline-offset-2 outline-ring",
      )}
    >
      {gridText(value).slice(0, SHOWN_CHARS).replaceAll("\n", "⏎")}
    </div>
  );
}

/** One value of a result; redrawn only when it changes. */
export const GridCell = memo(Cell);
