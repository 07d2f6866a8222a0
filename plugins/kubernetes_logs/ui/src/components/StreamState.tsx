import { Button, classes, StatusDot, useNow, type StatusShape } from "@mission-control/plugin-ui";
import type { StreamStatus } from "../protocol.ts";

type Drawn = { shape: StatusShape; tone: "success" | "warning" | "destructive" | "neutral" | "info"; word: string };

const STATES: Record<StreamStatus["state"], Drawn> = {
  connecting: { shape: "ring", tone: "info", word: "connecting" },
  live: { shape: "dot", tone: "success", word: "live" },
  reconnecting: { shape: "triangle", tone: "warning", word: "reconnecting" },
  lagging: { shape: "triangle", tone: "warning", word: "lagging" },
  ended: { shape: "bar", tone: "neutral", word: "ended" },
  failed: { shape: "diamond", tone: "destructive", word: "failed" },
  suspended: { shape: "pause", tone: "neutral", word: "asleep" },
};

/** The state of the stream in a word, and why; always in sight. */
export function StreamState({ status, isPaused, onRetry }: { status: StreamStatus; isPaused: boolean; onRetry: () => void }) {
  const isWaiting = status.state === "reconnecting" && status.retryAtMs > 0;
  const now = useNow(500, isWaiting);
  const drawn: Drawn = isPaused && status.state === "live" ? { shape: "pause", tone: "info", word: "paused" } : STATES[status.state];
  const seconds = Math.max(0, Math.ceil((status.retryAtMs - now) / 1000));
  const why = [status.reason, isWaiting && seconds > 0 && `again in ${seconds} s`].filter(Boolean).join(", ");
  return (
    <span role="status" aria-label="Stream" class="flex min-w-0 items-center gap-1.5 text-xs" title={[why, status.hint].filter(Boolean).join("\n")}>
      <StatusDot shape={drawn.shape} tone={drawn.tone} label={drawn.word} />
      <span class={classes("max-w-64 truncate", drawn.tone === "destructive" && "text-destructive", drawn.tone === "warning" && "text-warning-text")}>
        {drawn.word}
        {why && status.state !== "live" && <span class="narrow:hidden">: {why}</span>}
      </span>
      {isWaiting && (
        <Button kind="ghost" class="h-5! px-1! text-xs!" onClick={onRetry}>
          now
        </Button>
      )}
    </span>
  );
}
