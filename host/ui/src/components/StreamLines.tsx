import { classes, JsonTree, placed, useVirtual } from "@mission-control/plugin-ui";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { lineText } from "../logic/streamLine.ts";

const LINE_REM = 1.35;
const NEAR_END_LINES = 2;

/** The lines of a stream, newest at the bottom; it follows until one scrolls up. A line opens to its parts. */
export function StreamLines({ lines, total }: { lines: readonly unknown[]; total: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const [opened, setOpened] = useState<{ line: unknown } | null>(null);
  const lineHeight = LINE_REM * (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
  const virtual = useVirtual({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => lineHeight, overscan: 20 });
  useLayoutEffect(() => {
    if (isFollowing.current && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines.length, total, virtual]);
  return (
    <div class="flex min-w-0 flex-col">
      <div
        ref={scroller}
        role="log"
        aria-label="Lines of the stream"
        tabIndex={0}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          isFollowing.current = scrollHeight - scrollTop - clientHeight < lineHeight * NEAR_END_LINES;
        }}
        class="h-72 overflow-auto bg-card font-mono text-xs"
      >
        <div ref={placed({ "--h": `${virtual.getTotalSize()}px` })} class="relative h-(--h)">
          {virtual.getVirtualItems().map(({ index, start }) => (
            <button
              key={index}
              type="button"
              ref={placed({ "--y": `${start}px`, "--line": `${lineHeight}px` })}
              onClick={() => setOpened(opened?.line === lines[index] ? null : { line: lines[index] })}
              class={classes("absolute top-(--y) block h-(--line) w-full truncate px-2 text-left whitespace-pre hover:bg-accent", opened !== null && opened.line === lines[index] && "bg-accent")}
            >
              {lineText(lines[index])}
            </button>
          ))}
        </div>
      </div>
      {opened && (
        <div class="max-h-48 overflow-auto border-t bg-muted/40 p-2">
          <JsonTree value={opened.line} />
        </div>
      )}
    </div>
  );
}
