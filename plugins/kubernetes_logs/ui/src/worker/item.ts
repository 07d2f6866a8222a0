import type { RowExtra, Rule } from "../protocol.ts";

/** A row with the lines that belong to it, or a rule between rows. */
export interface Item {
  id: number;
  /** What it is sorted by: its stamp, never before an earlier line of its source. */
  key: string;
  source: number;
  stamp: string;
  level: number;
  text: string;
  extra?: RowExtra;
  rule?: Rule;
  tail?: string[];
  tailStamps?: string[];
  /** Which parts of the main view's filter it passes. */
  mask: number;
  /** Number of its pattern; 0 until somebody asks. */
  pattern: number;
}

/** Order of the list: by time, lines of one source as they came. */
export function compareItems(a: Item, b: Item): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.source - b.source || a.id - b.id;
}

/** Return the first place at which `item` could stand. */
export function lowerBound(items: readonly Item[], item: Item): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareItems(items[middle] as Item, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Merge sorted items into a sorted list; touches only what comes after the first of them. */
export function mergeItems(items: Item[], batch: readonly Item[]): void {
  const first = batch[0];
  if (!first) return;
  const last = items.at(-1);
  if (!last || compareItems(last, first) < 0) {
    for (const item of batch) items.push(item);
    return;
  }
  const tail = items.slice(lowerBound(items, first));
  items.length -= tail.length;
  let at = 0;
  for (const item of batch) {
    while (at < tail.length && compareItems(tail[at] as Item, item) < 0) items.push(tail[at++] as Item);
    items.push(item);
  }
  while (at < tail.length) items.push(tail[at++] as Item);
}

/** Return how many lines an item stands for. */
export function lineCount(item: Item): number {
  return item.rule ? 0 : 1 + (item.tail?.length ?? 0);
}
