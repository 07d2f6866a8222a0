import type { ComponentChildren } from "preact";
import { classes } from "../classes.ts";
import type { Operation } from "../hooks/useOperation.ts";
import { Failure } from "./Failure.tsx";
import { Message } from "./Message.tsx";
import { Skeleton } from "./Skeleton.tsx";
import { StaleLine } from "./StaleLine.tsx";

export interface AsyncProps<Data> {
  of: Operation<Data>;
  /** What is read, for the words of a failure: "sessions". */
  what?: string;
  isEmpty?: (data: Data) => boolean;
  /** Why there is nothing and what to do next. */
  empty?: ComponentChildren;
  children: (data: Data) => ComponentChildren;
}

/** Draw every state of a read in one way: loading, empty, denied, failed, stale, ready. */
export function Async<Data>({ of, what, isEmpty, empty, children }: AsyncProps<Data>) {
  const { data, error } = of;
  if (data === undefined) return error ? <Failure error={error} what={what} onRetry={of.refresh} /> : <Skeleton />;
  const content = isEmpty?.(data) ? typeof empty === "string" ? <Message title={empty} /> : empty : children(data);
  return (
    <div class={classes("flex min-h-0 min-w-0 flex-1 flex-col", of.isStale && "opacity-60")} aria-busy={of.isStale}>
      {error && <StaleLine error={error} updatedAtMs={of.updatedAtMs} onRetry={of.refresh} />}
      {content}
    </div>
  );
}
