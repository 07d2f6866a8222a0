import { classes, placed, usePreference } from "@mission-control/plugin-ui";
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

const LEAST_PERCENT = 12;
const KEY_STEP_PERCENT = 4;
const clamp = (percent: number) => Math.min(100 - LEAST_PERCENT, Math.max(LEAST_PERCENT, percent));

/** Two panes above each other with a divider to drag, or to move by arrow keys; its place is remembered. */
export function SplitPane({ id, top, bottom }: { id: string; top: ComponentChildren; bottom: ComponentChildren }) {
  const root = useRef<HTMLDivElement>(null);
  const [stored, setStored] = usePreference(`mc.split.${id}`, 36);
  const [dragged, setDragged] = useState<number | null>(null);
  const percent = dragged ?? stored;
  function drag(event: PointerEvent) {
    const box = root.current?.getBoundingClientRect();
    if (dragged !== null && box) setDragged(clamp(((event.clientY - box.top) / box.height) * 100));
  }
  function drop() {
    if (dragged !== null) setStored(dragged);
    setDragged(null);
  }
  return (
    <div ref={root} class={classes("flex min-h-0 flex-1 flex-col", dragged !== null && "select-none")}>
      <div ref={placed({ "--top": `${percent}%` })} class="h-(--top) min-h-0 shrink-0">
        {top}
      </div>
      <div
        role="separator"
        aria-orientation="horizontal"
        aria-label="Size of the editor"
        aria-valuenow={Math.round(percent)}
        tabIndex={0}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDragged(percent);
        }}
        onPointerMove={drag}
        onPointerUp={drop}
        onLostPointerCapture={drop}
        onKeyDown={(event) => {
          const step = { ArrowUp: -KEY_STEP_PERCENT, ArrowDown: KEY_STEP_PERCENT }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          setStored(clamp(percent + step));
        }}
        class={classes("relative z-20 h-px shrink-0 cursor-row-resize touch-none bg-border before:absolute before:inset-x-0 before:-top-1 before:-bottom-1 hover:bg-primary", dragged !== null && "bg-primary")}
      />
      <div class="flex min-h-0 flex-1 flex-col">{bottom}</div>
    </div>
  );
}
