import { callOperation, useCall, useOperation, type Operation } from "@mission-control/plugin-ui";

export const SLOW_MS = 60_000;

export interface SlowOperation<Data> {
  answer: Operation<Data>;
  isMeasuring: boolean;
  measure: () => void;
}

/** A measurement that costs the server something: the plugin keeps it for a while, and takes a new one when asked. */
export function useSlow<Data>(operation: string, database: string): SlowOperation<Data> {
  const params = database ? { database } : {};
  const answer = useOperation<Data>(operation, params, { intervalMs: SLOW_MS });
  const measuring = useCall<Record<string, unknown>, Data>((asked) => callOperation<Data>(operation, asked), answer.refresh);
  return { answer, isMeasuring: measuring.isRunning || answer.isFetching, measure: () => measuring.run({ ...params, refresh: true }) };
}
