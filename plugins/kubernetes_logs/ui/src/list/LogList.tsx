import { setGeometry } from "@mission-control/plugin-ui";
import { ChevronDown } from "lucide-preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { ColumnHead } from "./ColumnHead.tsx";
import { RowsContext, type RowContext } from "./context.ts";
import { LogRow } from "./LogRow.tsx";
import { RuleRow } from "./RuleRow.tsx";
import { drawnRange, useListDrawing, useMeasured, useScroller, type LogWindow } from "./useLogWindow.ts";

export interface LogListProps {
  list: LogWindow;
  label: string;
  /** Lines that a pause holds back. */
  held: number;
  /** What tells this list from the one beside it. */
  heading?: string;
}

/** Rows of a view: a scrollbar that stands for all of them, and those in sight drawn in a layer that stays. */
export function LogList({ list, label, held, heading }: LogListProps) {
  const rows = useContext(RowsContext) as RowContext;
  useListDrawing(list);
  const layer = useRef<HTMLDivElement>(null);
  const scroller = useScroller(list);
  useMeasured(list, layer);
  const box = useRef<HTMLDivElement>(null);
  const widths = rows.columns.map(({ chars }) => chars).join(" ");
  useLayoutEffect(() => {
    setGeometry(box.current, { "--stamp-w": `${rows.stampChars}ch`, "--name-w": `${rows.nameChars}ch` });
    widths.split(" ").forEach((chars, at) => setGeometry(box.current, { [`--c${at}`]: `${chars}ch` }));
  }, [rows.stampChars, rows.nameChars, widths]);
  const { first, end } = drawnRange(list);
  const indexes = Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
  const waiting = list.fresh + held;
  return (
    <div ref={box} class="flex min-h-0 min-w-0 flex-1 flex-col">
      {heading && <div class="border-b bg-muted px-density-2 text-xs leading-5 font-medium text-muted-foreground">{heading}</div>}
      <ColumnHead />
      <div class="relative min-h-0 min-w-0 flex-1">
        <div
          ref={scroller}
          tabIndex={0}
          role="log"
          aria-label={label}
          aria-live="off"
          class="absolute inset-0 overflow-x-hidden overflow-y-scroll font-mono text-xs [overflow-anchor:none]"
          onScroll={list.scrolled}
          onWheel={list.touched}
          onTouchMove={list.touched}
        >
          <div class="sticky top-0 h-(--view-h) overflow-hidden">
            <div ref={layer} class="translate-y-(--y)">
              {indexes.map((index) => {
                const item = list.item(index);
                if (!item) return <div key={`at ${index}`} class="h-5" />;
                return item.rule ? <RuleRow key={item.id} item={item} index={index} rule={item.rule} /> : <LogRow key={item.id} item={item} index={index} />;
              })}
            </div>
          </div>
          <div class="h-(--rest)" />
          <div data-probe class="invisible absolute h-5" />
        </div>
        {!list.isTail && (waiting > 0 || list.isOverflowing) && (
          <button
            type="button"
            onClick={list.toTail}
            class="absolute bottom-3 left-1/2 flex h-control-h -translate-x-1/2 animate-appear items-center gap-1 rounded-full border bg-popover px-3 text-xs font-medium text-primary shadow-popover hover:bg-accent"
          >
            <ChevronDown class="size-3.5" />
            {waiting > 0 ? `${waiting.toLocaleString()} new ${waiting === 1 ? "line" : "lines"}` : "to the end"}
          </button>
        )}
      </div>
    </div>
  );
}
