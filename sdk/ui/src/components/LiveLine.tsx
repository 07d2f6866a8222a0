import { Pause, Play, RotateCw } from "lucide-preact";
import { classes } from "../classes.ts";
import type { Operation } from "../hooks/useOperation.ts";
import { useHotkeys } from "../hooks/useHotkeys.ts";
import { useNow } from "../hooks/useNow.ts";
import { formatAge } from "../logic/format.ts";
import { IconButton } from "./IconButton.tsx";

/** `live · every 2 s · 1 s ago`, with pause and refresh; a failed refresh turns it to the warning colour. */
export function LiveLine({ of, hasKeys = true }: { of: Operation<unknown>; hasKeys?: boolean }) {
  const now = useNow(1000);
  useHotkeys({ r: of.refresh, p: () => of.setPaused(!of.isPaused) }, hasKeys);
  const state = of.isPaused ? "paused" : of.error ? "retrying" : "live";
  const pace = state === "live" && of.intervalMs ? ` · every ${Math.round(of.intervalMs / 1000)} s` : "";
  const age = of.updatedAtMs > 0 ? ` · ${formatAge(now - of.updatedAtMs)}` : "";
  return (
    <div class="flex shrink-0 items-center gap-0.5">
      <span
        class={classes("flex items-center gap-1.5 text-xs whitespace-nowrap tabular-nums", of.error ? "text-warning-text" : "text-muted-foreground")}
      >
        <span aria-hidden class={classes("size-1.5 rounded-full", of.isPaused ? "bg-muted-foreground" : of.error ? "bg-warning" : "bg-success")} />
        <span>
          {state}
          <span class="narrow:hidden">{pace}</span>
          {age}
        </span>
      </span>
      <IconButton label={of.isPaused ? "Resume" : "Pause"} hotkey={hasKeys ? "p" : undefined} onClick={() => of.setPaused(!of.isPaused)}>
        {of.isPaused ? <Play class="size-3.5" /> : <Pause class="size-3.5" />}
      </IconButton>
      <IconButton label="Refresh" hotkey={hasKeys ? "r" : undefined} onClick={of.refresh}>
        <RotateCw class="size-3.5" />
      </IconButton>
    </div>
  );
}
