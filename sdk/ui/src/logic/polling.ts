const SLOWEST_MS = 60_000;
const COST_FACTOR = 100;

/** Return the middle of the last costs, so that one slow answer does not change the pace; the first, which opens
 * connections, says nothing yet. */
export function medianCost(costsMs: readonly number[]): number {
  if (costsMs.length < 2) return 0;
  const sorted = [...costsMs].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Return the wait before the next poll: the asked interval, at least 100 times the cost in whole seconds,
 * doubled for each failure in a row, at most a minute. */
export function nextIntervalMs(baseMs: number, costMs: number, failuresInARow: number): number {
  const affordableMs = Math.ceil((costMs * COST_FACTOR) / 1000) * 1000;
  const healthyMs = Math.max(baseMs, affordableMs);
  return Math.min(SLOWEST_MS, healthyMs * 2 ** Math.min(failuresInARow, 5));
}
