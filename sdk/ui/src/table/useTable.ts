import {
  createTable,
  getCoreRowModel,
  getSortedRowModel,
  type ColumnDef,
  type ColumnSizingState,
  type Table,
  type TableState,
  type Updater,
  type VisibilityState,
} from "@tanstack/table-core";
import { useMemo, useRef, useState } from "preact/hooks";
import { usePreference } from "../hooks/usePreference.ts";
import { compareValues, type Sort } from "../logic/order.ts";
import type { Column } from "./column.ts";

const REST_REM = 10;
const rootFontSize = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

function apply<T>(updater: Updater<T>, before: T): T {
  return typeof updater === "function" ? (updater as (before: T) => T)(before) : updater;
}

function columnDefs<Row>(columns: readonly Column<Row>[]): ColumnDef<Row>[] {
  const rem = rootFontSize();
  return columns.map((column) => ({
    id: column.id,
    header: column.header,
    accessorFn: (row) => column.value(row) ?? undefined,
    size: (column.width ?? REST_REM) * rem,
    minSize: 3 * rem,
    sortUndefined: "last",
    sortingFn: (a, b, id) => compareValues(a.getValue(id), b.getValue(id), false),
    sortDescFirst: column.isNumeric ?? false,
    meta: column,
  }));
}

export interface TableModel<Row> {
  id: string;
  columns: readonly Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  sort: Sort | null;
  onSort: (sort: Sort | null) => void;
}

/** TanStack Table bound to Preact: widths and hidden columns are remembered under the table's id. */
export function useTable<Row>({ id, columns, rows, keyOf, sort, onSort }: TableModel<Row>): Table<Row> {
  const defs = useMemo(() => columnDefs(columns), [columns]);
  const defaults = useMemo(() => Object.fromEntries(columns.filter((c) => c.isHidden).map((c) => [c.id, false])), [columns]);
  const [visibility, setVisibility] = usePreference<VisibilityState>(`mc.table.${id}.visibility`, {});
  const [sizing, setSizing] = usePreference<ColumnSizingState>(`mc.table.${id}.sizing`, {});
  const sortedBy = columns.some((column) => column.id === sort?.column) ? sort?.column : undefined;
  const isDescending = sort?.isDescending ?? false;
  const sorting = useMemo(() => (sortedBy ? [{ id: sortedBy, desc: isDescending }] : []), [sortedBy, isDescending]);
  const [inner, setInner] = useState<Partial<TableState>>({});
  const table = useRef<Table<Row> | null>(null);
  table.current ??= createTable<Row>({
    data: rows,
    columns: defs,
    state: {},
    onStateChange: () => undefined,
    renderFallbackValue: null,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const current = table.current;
  const state = {
    ...current.initialState,
    ...inner,
    columnVisibility: { ...defaults, ...visibility },
    columnSizing: sizing,
    sorting,
  };
  current.setOptions((before) => ({
    ...before,
    data: rows,
    columns: defs,
    getRowId: keyOf,
    state,
    columnResizeMode: "onChange",
    enableSortingRemoval: false,
    autoResetAll: false, // a reset is a state change, and each new set of rows would cause one
    onStateChange: (updater) => setInner(apply(updater, state)),
    onColumnVisibilityChange: (updater) => setVisibility(apply(updater, state.columnVisibility)),
    onColumnSizingChange: (updater) => setSizing(apply(updater, sizing)),
    onSortingChange: (updater) => {
      const next = apply(updater, state.sorting)[0];
      onSort(next ? { column: next.id, isDescending: next.desc } : null);
    },
  }));
  return current;
}

/** Return our column behind a TanStack one. */
export function columnOf<Row>(column: { columnDef: ColumnDef<Row> }): Column<Row> {
  return column.columnDef.meta as unknown as Column<Row>;
}
