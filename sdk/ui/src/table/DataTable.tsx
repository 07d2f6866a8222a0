import { useEffect, useRef, useState } from "preact/hooks";
import { placed } from "../geometry.ts";
import { useIsNarrow } from "../hooks/useMedia.ts";
import { renderSort, type Sort } from "../logic/order.ts";
import type { Column, RowTone } from "./column.ts";
import { ColumnMenu } from "./ColumnMenu.tsx";
import { NarrowRow } from "./NarrowRow.tsx";
import { RowMenu, type PointedCell } from "./RowMenu.tsx";
import { TableHead } from "./TableHead.tsx";
import { TableRow } from "./TableRow.tsx";
import { useHeldRows } from "./useHeldRows.ts";
import { useRowKeys } from "./useRowKeys.ts";
import { columnOf, useTable } from "./useTable.ts";
import { useTableWindow } from "./useTableWindow.ts";

export interface DataTableProps<Row> {
  /** Name under which widths and hidden columns are remembered. */
  id: string;
  label: string;
  columns: readonly Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  sort: { value: Sort | null; onChange: (sort: Sort | null) => void };
  selection: { value: string | null; onChange: (key: string | null) => void };
  tone?: (row: Row) => RowTone | undefined;
}

function keyAt(target: EventTarget | null): string | undefined {
  return target instanceof Element ? (target.closest<HTMLElement>("tr[data-key]")?.dataset.key ?? undefined) : undefined;
}

/** The main furniture: sorts, hides, resizes, remembers, virtual beyond 200 rows, still under the pointer, two lines when narrow. */
export function DataTable<Row>({ id, label, columns, rows, keyOf, sort, selection, tone }: DataTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow();
  const [isPointed, setPointed] = useState(false);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [pointed, setPointedCell] = useState<PointedCell | null>(null);
  const [cursor, setCursor] = useState<string | null>(selection.value);
  const table = useTable({ id, columns, rows, keyOf, sort: sort.value, onSort: sort.onChange });
  const sorted = table.getSortedRowModel().rows;
  const order = useRef<{ from: typeof sorted; rows: Row[] }>({ from: sorted, rows: sorted.map((row) => row.original) });
  if (order.current.from !== sorted) order.current = { from: sorted, rows: sorted.map((row) => row.original) };
  const held = useHeldRows(order.current.rows, keyOf, isPointed || isMenuOpen || pointed !== null, `${id} ${renderSort(sort.value)}`);
  const view = useTableWindow(held.length, scroller);
  const keys = held.map(({ row }) => keyOf(row));
  useRowKeys({ keys, cursor, setCursor, selected: selection.value, onSelect: selection.onChange, scrollTo: view.scrollTo, takeFocus: () => scroller.current?.focus({ preventScroll: true }) });
  const latest = useRef({ keys, scrollTo: view.scrollTo });
  latest.current = { keys, scrollTo: view.scrollTo };
  useEffect(() => {
    // A selection that came from elsewhere, such as a link to a blocking session, is brought into view.
    const index = selection.value === null ? -1 : latest.current.keys.indexOf(selection.value);
    if (index < 0) return;
    setCursor(selection.value);
    latest.current.scrollTo(index);
  }, [selection.value]);
  const visible = table.getVisibleLeafColumns();
  const shown = visible.map((column) => columnOf<Row>(column));

  function openMenu(event: MouseEvent) {
    const key = keyAt(event.target);
    const row = held.find((one) => keyOf(one.row) === key)?.row;
    if (!row) return;
    event.preventDefault();
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>("td")?.dataset.column : undefined;
    const values = shown.map((column) => column.value(row));
    setPointedCell({ x: event.clientX, y: event.clientY, cell: columns.find((column) => column.id === id)?.value(row), names: shown.map((column) => column.header), values, json: row });
  }

  return (
    <div class="relative flex min-h-0 min-w-0 flex-1">
      <div
        ref={scroller}
        tabIndex={-1}
        class="min-h-0 min-w-0 flex-1 overflow-auto bg-card outline-none"
        onPointerEnter={(event) => event.pointerType === "mouse" && setPointed(true)}
        onPointerLeave={() => setPointed(false)}
        onContextMenu={openMenu}
        onClick={(event) => {
          const key = keyAt(event.target);
          if (key === undefined || window.getSelection()?.type === "Range") return;
          setCursor(key);
          selection.onChange(key === selection.value ? null : key);
        }}
      >
        <table aria-label={label} ref={placed({ "--table-w": `${table.getTotalSize()}px` })} class="w-full min-w-(--table-w) table-fixed border-separate border-spacing-0 narrow:min-w-0">
          {!isNarrow && (
            <colgroup>
              {visible.map((column) => {
                const isRest = columnOf<Row>(column).width === undefined && table.getState().columnSizing[column.id] === undefined;
                return <col key={column.id} ref={placed({ "--col-w": isRest ? "auto" : `${column.getSize()}px` })} class="w-(--col-w)" />;
              })}
            </colgroup>
          )}
          {!isNarrow && <TableHead table={table} />}
          <tbody>
            {view.above !== "0" && <tr aria-hidden><td ref={placed({ "--gap": view.above })} class="h-(--gap) p-0" /></tr>}
            {view.indexes.map((index) => {
              const one = held[index];
              if (!one) return null;
              const key = keys[index] ?? "";
              const marks = { row: one.row, rowKey: key, tone: tone?.(one.row), isSelected: key === selection.value, isGone: one.isGone };
              return isNarrow ? <NarrowRow key={key} columns={columns} {...marks} /> : <TableRow key={key} columns={shown} isCursor={key === cursor} {...marks} />;
            })}
            {view.below !== "0" && <tr aria-hidden><td ref={placed({ "--gap": view.below })} class="h-(--gap) p-0" /></tr>}
          </tbody>
        </table>
      </div>
      {!isNarrow && (
        <div class="absolute top-0 right-0 z-30 h-control-h border-b border-l bg-card">
          <ColumnMenu table={table} onOpenChange={setMenuOpen} />
        </div>
      )}
      {pointed && <RowMenu at={pointed} onClose={() => setPointedCell(null)} />}
    </div>
  );
}
