import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { useVirtual } from "../hooks/useVirtual.ts";

const VIRTUAL_FROM = 200;

export interface TableWindow {
  /** Indexes to draw. */
  indexes: number[];
  /** Heights of what is left out above and below, as CSS lengths. */
  above: string;
  below: string;
  scrollTo: (index: number) => void;
}

/** Return which of many equally high rows to draw: all of up to 200, a window of more. */
export function useTableWindow(count: number, scroller: RefObject<HTMLElement>): TableWindow {
  const [rowHeight, setRowHeight] = useState(28);
  const hasRows = count > 0;
  useLayoutEffect(() => {
    const row = scroller.current?.querySelector<HTMLElement>("tr[data-key]");
    if (!row) return;
    const measure = () => row.offsetHeight && setRowHeight(row.offsetHeight);
    measure();
    const observer = new ResizeObserver(measure); // density and the narrow layout change it
    observer.observe(row);
    return () => observer.disconnect();
  }, [scroller, hasRows]);
  const isVirtual = count > VIRTUAL_FROM;
  const virtual = useVirtual({
    count: isVirtual ? count : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingEnd: rowHeight, // the sticky head covers as much of the view
  });
  useLayoutEffect(() => virtual.measure(), [rowHeight, virtual]);
  const scrollTo = (index: number) => {
    if (isVirtual) virtual.scrollToIndex(index, { align: "auto" });
    else scroller.current?.querySelectorAll("tr[data-key]")[index]?.scrollIntoView({ block: "nearest" });
  };
  if (!isVirtual) return { indexes: Array.from({ length: count }, (_, index) => index), above: "0", below: "0", scrollTo };
  const items = virtual.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  return {
    indexes: items.map((item) => item.index),
    above: `${first?.start ?? 0}px`,
    below: `${last ? virtual.getTotalSize() - last.end : 0}px`,
    scrollTo,
  };
}
