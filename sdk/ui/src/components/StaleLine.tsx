import { TriangleAlert } from "lucide-preact";
import type { OperationError } from "../client/errors.ts";
import { useNow } from "../hooks/useNow.ts";
import { formatAge } from "../logic/format.ts";

/** A failed refresh: the data stays and its age is said. */
export function StaleLine({ error, updatedAtMs, onRetry }: { error: OperationError; updatedAtMs: number; onRetry: () => void }) {
  const now = useNow(1000);
  return (
    <div role="alert" class="flex items-center gap-2 border-b bg-warning/10 px-density-2 py-1 text-xs text-warning-text">
      <TriangleAlert aria-hidden class="size-3.5 shrink-0" />
      <span class="min-w-0 truncate" title={error.hint ?? error.message}>
        Data of {formatAge(now - updatedAtMs)}: {error.message}
      </span>
      <button type="button" class="ml-auto shrink-0 font-medium underline" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
