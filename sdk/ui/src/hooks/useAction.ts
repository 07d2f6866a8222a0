import { useMutation } from "@tanstack/preact-query";
import { asOperationError, type OperationError } from "../client/errors.ts";
import { callOperation } from "../client/operation.ts";

export interface Action<Params, Result> {
  run: (params: Params) => void;
  isRunning: boolean;
  result: Result | undefined;
  error: OperationError | null;
  reset: () => void;
}

/** Change something by a call: asked once, never retried, the outcome kept for the place of its button. */
export function useCall<Params, Result>(call: (params: Params) => Promise<Result>, onDone?: (result: Result) => void): Action<Params, Result> {
  const mutation = useMutation<Result, unknown, Params>({
    mutationFn: call,
    networkMode: "always",
    retry: false,
    onSuccess: (result) => onDone?.(result),
  });
  return {
    run: mutation.mutate,
    isRunning: mutation.isPending,
    result: mutation.data,
    error: mutation.error ? asOperationError(mutation.error) : null,
    reset: mutation.reset,
  };
}

/** As `useCall`, through an operation of the plugin. */
export function useAction<Params, Result>(name: string, onDone?: (result: Result) => void): Action<Params, Result> {
  return useCall((params) => callOperation<Result>(name, params, { isConfirmed: true }), onDone);
}
