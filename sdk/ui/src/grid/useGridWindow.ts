import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { placed } from "../geometry.ts";
import { usePreference } from "../hooks/usePreference.ts";
import { useVirtual } from "../hooks/useVirtual.ts";
import { columnChars, type GridColumn } from "../logic/grid.ts";

const INDEX_CHARS = 7;
const CELL_PADDING = 20;
const CHAR_SAMPLE = 100;

/** Return the width of a character of the grid's font. */
function measureChar(element: HTMLElement): number {
  const probe = document.createElement("span");
  probe.className = "font-mono text-xs invisible absolute";
  probe.textContent = "0".repeat(CHAR_SAMPLE);
  element.append(probe);
  const width = probe.offsetWidth / CHAR_SAMPLE;
  probe.remove();
  return width || 7;
}

/** Window over a result in both directions, with widths that fit and can be changed. */
export function useGridWindow(
  scroller: RefObject<HTMLElement>,
  columns: readonly GridColumn[],
  rows: readonly (readonly unknown[])[],
  id: string,
) {
  const [charWidth, setCharWidth] = useState(7);
  const [rowHeight, setRowHeight] = useState(24);
  const [resized, setResized] = usePreference<Record<string, number>>(`mc.grid.${id}`, {});
  useLayoutEffect(() => {
    if (!scroller.current) return;
    setCharWidth(measureChar(scroller.current));
    setRowHeight(scroller.current.querySelector<HTMLElement>("[data-probe]")?.offsetHeight || 24);
  }, [scroller]);
  const hasSample = rows.length > 0;
  const chars = useMemo(() => columnChars(columns, rows), [columns, hasSample]); // eslint-disable-line react-hooks/exhaustive-deps -- fitted once to the first rows, so that streaming does not shift the layout
  const widthOf = (index: number) => resized[columns[index]?.name ?? ""] ?? Math.ceil((chars[index] ?? 10) * charWidth + CELL_PADDING);
  const indexWidth = Math.ceil(Math.max(4, Math.min(INDEX_CHARS, String(rows.length).length + 1)) * charWidth + CELL_PADDING);
  const vertical = useVirtual({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 10, scrollPaddingEnd: rowHeight });
  const horizontal = useVirtual({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: widthOf,
    overscan: 3,
    scrollPaddingEnd: indexWidth, // the sticky column and, above, the sticky head cover as much of the view
  });
  useLayoutEffect(() => horizontal.measure(), [horizontal, charWidth, chars, resized, columns]);
  useLayoutEffect(() => vertical.measure(), [vertical, rowHeight]);
  const places = useRef(new Map<string, (element: HTMLElement | null) => void>());
  /** A ref that puts an element at a place along the row; the same for the same place, so that scrolling sets nothing anew. */
  const placeAt = (start: number, size: number) => {
    const key = `${indexWidth} ${start} ${size}`;
    let place = places.current.get(key);
    if (!place) {
      place = placed({ "--x": `${start + indexWidth}px`, "--w": `${size}px` });
      places.current.set(key, place);
    }
    return place;
  };
  useLayoutEffect(() => places.current.clear(), [indexWidth, resized]);
  const setWidth = (index: number, width: number) => {
    const name = columns[index]?.name;
    if (name !== undefined) setResized({ ...resized, [name]: Math.max(40, Math.round(width)) });
  };
  return { vertical, horizontal, indexWidth, widthOf, setWidth, placeAt };
}

export type GridWindow = ReturnType<typeof useGridWindow>;
