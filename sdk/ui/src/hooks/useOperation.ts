import { keepPreviousData, useQuery } from "@tanstack/preact-query";
import { useCallback, useRef, useState } from "preact/hooks";
import { asOperationError, type OperationError } from "../client/errors.ts";
import { callOperation } from "../client/operation.ts";
import { parsePageLocation } from "../client/location.ts";
import { medianCost, nextIntervalMs } from "../logic/polling.ts";

/** A read that a page draws: its last good data, what went wrong since, and how it refreshes. */
export interface Operation<Result> {
  data: Result | undefined;
  error: OperationError | null;
  isLoading: boolean;
  isFetching: boolean;
  /** Data of other parameters, shown until the asked ones arrive. */
  isStale: boolean;
  /** When the data was read, in epoch milliseconds. */
  updatedAtMs: number;
  intervalMs: number | null;
  isPaused: boolean;
  setPaused: (isPaused: boolean) => void;
  refresh: () => void;
}

export interface PollOptions {
  /** Poll this often while the tab is on screen. */
  intervalMs?: number;
  isEnabled?: boolean;
  /** Keep for this long without reading again. */
  staleMs?: number;
}

const KEPT_COSTS = 5;

/** A refusal stays one; a fault or no answer may be gone the next moment. */
function isWorthRetrying(error: OperationError): boolean {
  return error.status === 0 || error.status >= 500;
}

/** Any read with this page's manners: one retry, no polling while hidden, slower when dear or failing. */
export function useRead<Result>(
  key: readonly unknown[],
  read: (signal: AbortSignal) => Promise<Result>,
  { intervalMs, isEnabled = true, staleMs = 0 }: PollOptions = {},
): Operation<Result> {
  const [isPaused, setPaused] = useState(false);
  const costs = useRef<number[]>([]);
  const failures = useRef(0);
  const interval = intervalMs && !isPaused ? nextIntervalMs(intervalMs, medianCost(costs.current), failures.current) : null;
  const query = useQuery<Result>({
    queryKey: key,
    enabled: isEnabled,
    staleTime: staleMs,
    networkMode: "always", // the host may be this machine: `navigator.onLine` says nothing about it
    retry: (count, thrown) => count < 1 && isWorthRetrying(asOperationError(thrown)),
    retryDelay: 300,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: Boolean(intervalMs) && !isPaused,
    refetchInterval: () => interval ?? false,
    queryFn: async ({ signal }) => {
      const startedAt = performance.now();
      try {
        const result = await read(signal);
        failures.current = 0;
        costs.current = [...costs.current.slice(1 - KEPT_COSTS), performance.now() - startedAt];
        return result;
      } catch (thrown) {
        failures.current += 1;
        throw thrown;
      }
    },
  });
  const { refetch } = query;
  const refresh = useCallback(() => void refetch(), [refetch]);
  return {
    data: query.data,
    error: query.error ? asOperationError(query.error) : null,
    isLoading: query.data === undefined && !query.error && isEnabled,
    isFetching: query.isFetching,
    isStale: query.isPlaceholderData,
    updatedAtMs: query.dataUpdatedAt,
    intervalMs: interval,
    isPaused,
    setPaused,
    refresh,
  };
}

/** Read an operation of this page's plugin on this page's item. */
export function useOperation<Result>(name: string, params: Record<string, unknown> = {}, options: PollOptions = {}): Operation<Result> {
  const { plugin, itemId } = parsePageLocation(window.location);
  return useRead<Result>([plugin, itemId, name, params], (signal) => callOperation<Result>(name, params, { signal }), options);
}
