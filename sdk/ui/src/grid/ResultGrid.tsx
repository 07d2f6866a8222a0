import type { VirtualItem } from "@tanstack/virtual-core";
import { useRef, useState } from "preact/hooks";
import { copyText } from "../clipboard.ts";
import { placed } from "../geometry.ts";
import { keyName } from "../hooks/useHotkeys.ts";
import { cellText, rowObject } from "../logic/export.ts";
import type { GridColumn } from "../logic/grid.ts";
import { RowMenu, type PointedCell } from "../table/RowMenu.tsx";
import { GridHead } from "./GridHead.tsx";
import { GridRow } from "./GridRow.tsx";
import { useGridWindow } from "./useGridWindow.ts";

export interface ResultGridProps {
  /** Name under which widths are remembered. */
  id: string;
  label: string;
  columns: readonly GridColumn[];
  /** May grow in place while a stream runs. */
  rows: readonly (readonly unknown[])[];
  openRow: number | null;
  onOpenRow: (row: number | null) => void;
}

interface CellPlace {
  row: number;
  column: number;
}

function placeOf(target: EventTarget | null): CellPlace | null {
  if (!(target instanceof Element)) return null;
  const row = target.closest<HTMLElement>("[data-row]")?.dataset.row;
  const column = target.closest<HTMLElement>("[data-column]")?.dataset.column;
  return row === undefined ? null : { row: Number(row), column: Number(column ?? -1) };
}

const STEPS: Record<string, [row: number, column: number]> = {
  ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1],
  j: [1, 0], k: [-1, 0], PageDown: [20, 0], PageUp: [-20, 0], Home: [0, -1e9], End: [0, 1e9], "ctrl+Home": [-1e9, 0], "ctrl+End": [1e9, 0],
};

/** Elements of rows that leave are used again for rows that come; more than fit on any screen, so that no two share one. */
const ROW_SLOTS = 256;

function inSlots(items: readonly VirtualItem[]): VirtualItem[] {
  return [...items].sort((a, b) => (a.index % ROW_SLOTS) - (b.index % ROW_SLOTS));
}

const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));

/** A result of any size: drawn where one looks, walked by arrows, copied by cell or row, opened by Enter or a double click. */
export function ResultGrid({ id, label, columns, rows, openRow, onOpenRow }: ResultGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<CellPlace | null>(null);
  const [menu, setMenu] = useState<PointedCell | null>(null);
  const view = useGridWindow(scroller, columns, rows, id);

  function choose(place: CellPlace) {
    setChosen(place);
    if (openRow !== null) onOpenRow(place.row);
  }
  function press(event: KeyboardEvent) {
    const name = keyName(event);
    const step = STEPS[name];
    if (step) {
      const from = chosen ?? { row: -step[0], column: 0 };
      const next = { row: clamp(from.row + step[0], rows.length), column: clamp(from.column + step[1], columns.length) };
      choose(next);
      view.vertical.scrollToIndex(next.row, { align: "auto" });
      view.horizontal.scrollToIndex(next.column, { align: "auto" });
    } else if (name === "ctrl+c" && chosen) {
      void copyText(cellText(rows[chosen.row]?.[chosen.column]));
    } else if (name === "Enter" && chosen) {
      onOpenRow(chosen.row);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
  function openMenu(event: MouseEvent) {
    const place = placeOf(event.target);
    const row = place && rows[place.row];
    if (!row || !place) return;
    event.preventDefault();
    setChosen(place);
    const names = columns.map((column) => column.name);
    setMenu({ x: event.clientX, y: event.clientY, cell: row[place.column], names, values: [...row], json: rowObject(names, row) });
  }
  const shown = view.horizontal.getVirtualItems();
  const width = `${view.horizontal.getTotalSize() + view.indexWidth}px`;
  const height = `${view.vertical.getTotalSize()}px`;
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      onKeyDown={press}
      onContextMenu={openMenu}
      onClick={(event) => {
        const place = placeOf(event.target);
        if (place && place.column < 0) onOpenRow(place.row);
        else if (place) choose(place);
      }}
      onDblClick={(event) => {
        const place = placeOf(event.target);
        if (place) onOpenRow(place.row);
      }}
      class="relative min-h-0 min-w-0 flex-1 overflow-auto bg-card select-none"
    >
      <span data-probe class="invisible absolute h-control-h" />
      <div ref={placed({ "--w": width })} class="w-(--w) min-w-full">
        <GridHead view={view} columns={columns} />
        <div role="rowgroup" ref={placed({ "--h": height })} class="relative h-(--h)">
          {inSlots(view.vertical.getVirtualItems()).map((item) => (
            <GridRow
              key={item.index % ROW_SLOTS}
              view={view}
              columns={columns}
              shown={shown}
              row={rows[item.index] ?? []}
              item={item}
              chosen={chosen?.row === item.index ? chosen.column : -1}
              isOpen={openRow === item.index}
            />
          ))}
        </div>
      </div>
      {menu && <RowMenu at={menu} onClose={() => setMenu(null)} />}
    </div>
  );
}
