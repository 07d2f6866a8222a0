import { stampMs } from "../logic/stamps.ts";
import { LEVELS, type Histogram } from "../protocol.ts";
import { PASSES_LEVEL, PASSES_REST } from "./filter.ts";
import type { Item } from "./item.ts";

const STEPS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000];
const DAY_MS = 86_400_000;

/** Return the shortest round width that needs no more than `most` buckets. */
export function bucketWidth(spanMs: number, most: number): number {
  const found = STEPS_MS.find((step) => spanMs / step <= most);
  return found ?? Math.ceil(spanMs / most / (DAY_MS / 4)) * (DAY_MS / 4);
}

function firstMs(items: readonly Item[], step: 1 | -1): number {
  for (let at = step > 0 ? 0 : items.length - 1; at >= 0 && at < items.length; at += step) {
    const ms = stampMs(items[at]?.key ?? "");
    if (!Number.isNaN(ms)) return ms;
  }
  return Number.NaN;
}

/** Return the first place whose key is not before `key`. */
function keyBound(items: readonly Item[], key: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as Item).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Count rows of every time that pass the rest of the filter, by bucket and level. */
export function countByTime(items: readonly Item[], most = 90): Histogram | null {
  const start = firstMs(items, 1);
  const end = firstMs(items, -1);
  if (Number.isNaN(start) || Number.isNaN(end)) return null;
  const bucketMs = bucketWidth(Math.max(1, end - start + 1), most - 1);
  const fromMs = Math.floor(start / bucketMs) * bucketMs;
  const buckets = Math.floor((end - fromMs) / bucketMs) + 1;
  const counts = new Array<number>(buckets * LEVELS.length).fill(0);
  const needed = PASSES_REST | PASSES_LEVEL;
  for (let bucket = 0, at = keyBound(items, new Date(fromMs).toISOString().slice(0, 19)); bucket < buckets; bucket += 1) {
    const until = keyBound(items, new Date(fromMs + (bucket + 1) * bucketMs).toISOString().replace("Z", ""));
    for (; at < until; at += 1) {
      const item = items[at] as Item;
      if (item.rule || (item.mask & needed) !== needed) continue;
      const slot = bucket * LEVELS.length + item.level;
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
  }
  return { fromMs, bucketMs, counts };
}
