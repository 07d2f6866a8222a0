import { classes } from "../classes.ts";
import { placed } from "../geometry.ts";
import { isNumericType, type GridColumn } from "../logic/grid.ts";
import type { GridWindow } from "./useGridWindow.ts";

/** Sticky names and types of a result's columns; the edge resizes. */
export function GridHead({ view, columns }: { view: GridWindow; columns: readonly GridColumn[] }) {
  function startResize(event: PointerEvent, index: number) {
    event.preventDefault();
    const handle = event.currentTarget as HTMLElement;
    const from = event.clientX;
    const width = view.widthOf(index);
    handle.setPointerCapture(event.pointerId);
    const move = (next: PointerEvent) => view.setWidth(index, width + next.clientX - from);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
  }
  return (
    <div role="row" class="sticky top-0 z-20 h-control-h w-full border-b bg-card text-xs font-medium">
      <div
        role="columnheader"
        aria-label="Row"
        ref={placed({ "--w": `${view.indexWidth}px` })}
        class="sticky left-0 z-10 float-left h-full w-(--w) border-r bg-card"
      />
      {view.horizontal.getVirtualItems().map((item) => {
        const column = columns[item.index];
        if (!column) return null;
        return (
          <div
            key={item.index}
            role="columnheader"
            title={column.type ? `${column.name}: ${column.type.toLowerCase()}` : column.name}
            ref={placed({ "--x": `${item.start + view.indexWidth}px`, "--w": `${item.size}px` })}
            class={classes(
              "absolute top-0 left-(--x) flex h-full w-(--w) items-center gap-1.5 border-r border-border/60 px-2",
              isNumericType(column.type) && "justify-end",
            )}
          >
            <span class="max-w-full shrink-0 truncate">{column.name}</span>
            {column.type && <span class="min-w-0 truncate font-normal text-muted-foreground">{column.type.toLowerCase()}</span>}
            <span aria-hidden onPointerDown={(event) => startResize(event, item.index)} class="absolute top-0 -right-0.5 bottom-0 w-1.5 cursor-col-resize touch-none hover:bg-primary/40" />
          </div>
        );
      })}
    </div>
  );
}
