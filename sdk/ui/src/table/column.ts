import type { ComponentChildren } from "preact";
import type { SortValue } from "../logic/order.ts";

/** Where a column goes when a row has two lines: its name, the one figure that matters, or the muted rest. */
export type NarrowPlace = "title" | "figure" | "detail";

/** One column of a DataTable. */
export interface Column<Row> {
  id: string;
  header: string;
  /** What sorting and copying use; a number sorts as a number. */
  value: (row: Row) => SortValue;
  /** What is drawn; the value's text when left out. */
  cell?: (row: Row) => ComponentChildren;
  /** Exact value on hover. */
  title?: (row: Row) => string | undefined;
  isNumeric?: boolean;
  isCode?: boolean;
  /** Width in rem; the one column without takes the rest. */
  width?: number;
  isHidden?: boolean;
  narrow?: NarrowPlace;
}

export type RowTone = "destructive" | "warning" | "muted";
