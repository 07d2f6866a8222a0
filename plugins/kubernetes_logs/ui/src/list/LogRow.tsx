import { classes } from "@mission-control/plugin-ui";
import { ChevronRight } from "lucide-preact";
import { useContext, useMemo } from "preact/hooks";
import { sourceColour } from "../logic/names.ts";
import { renderStamp, withoutStamp } from "../logic/stamps.ts";
import type { DrawItem } from "../protocol.ts";
import { RowsContext, type RowContext } from "./context.ts";
import { FieldCells, FieldLine } from "./FieldCells.tsx";
import { LevelMark } from "./LevelMark.tsx";
import { LineText } from "./LineText.tsx";
import { RowDetail } from "./RowDetail.tsx";

const TINTS = ["", "", "", "bg-warning/5", "bg-destructive/6", "bg-destructive/12", ""];

function hasSelection(): boolean {
  return !(window.getSelection()?.isCollapsed ?? true);
}

/** One line: bar of its source, time, source, level, text; opened in place. */
export function LogRow({ item, index }: { item: DrawItem; index: number }) {
  const rows = useContext(RowsContext) as RowContext;
  const source = rows.sources[item.source];
  const hasColumns = rows.columns.length > 0;
  const omitted = useMemo(() => rows.columns.map(({ name }) => name), [rows.columns]);
  const isOpen = item.open !== undefined;
  const toggle = () => {
    if (hasSelection()) return;
    rows.select(item, index);
    rows.open(item, !isOpen);
  };
  return (
    <div
      data-id={item.id}
      data-index={index}
      class={classes(
        "border-l-2 border-transparent",
        TINTS[item.level],
        item.isHit && rows.pattern && "bg-warning/10",
        rows.currentId === item.id && "border-primary! bg-accent/60!",
      )}
    >
      <div class="group flex cursor-pointer items-start gap-[1ch] pr-2 leading-5 hover:bg-accent/50" onClick={toggle}>
        <span class={classes("w-1 shrink-0 self-stretch", sourceColour(item.source))} />
        {rows.stampChars > 0 && (
          <span class="w-(--stamp-w) shrink-0 text-muted-foreground tabular-nums" title={item.stamp || "the line has no time"}>
            {renderStamp(item.stamp, rows.stamps, rows.nowMs, rows.isNarrow)}
          </span>
        )}
        {rows.nameChars > 0 && (
          <span class="w-(--name-w) shrink-0 truncate text-muted-foreground narrow:hidden" title={source && `${source.namespace} ${source.pod} ${source.container}`}>
            {rows.names[item.source]}
          </span>
        )}
        <LevelMark level={item.level} />
        {hasColumns && !rows.isNarrow && <FieldCells item={item} />}
        <span class="min-w-0 flex-1">
          <span class={classes("block", rows.isWrapped ? classes("break-words whitespace-pre-wrap", !isOpen && "line-clamp-12") : "truncate whitespace-pre")}>
            <LineText text={rows.stampChars > 0 ? withoutStamp(item.text, item.stamp) : item.text} pattern={rows.pattern} isPretty={rows.isPretty} omitted={omitted} />
            {item.extra?.cut ? <span class="ml-1 text-warning-text">… {item.extra.cut.toLocaleString()} bytes cut</span> : null}
          </span>
          {hasColumns && rows.isNarrow && <FieldLine item={item} />}
        </span>
        {item.tailCount > 0 && <span class="shrink-0 text-xs leading-5 text-muted-foreground">+ {item.tailCount} {item.tailCount === 1 ? "line" : "lines"}</span>}
        <button
          type="button"
          aria-label={isOpen ? "Close the line" : "Open the line"}
          aria-expanded={isOpen}
          class="flex h-5 shrink-0 items-center text-muted-foreground opacity-60 group-hover:opacity-100 focus-visible:opacity-100"
        >
          <ChevronRight class={classes("size-3.5", isOpen && "rotate-90")} />
        </button>
      </div>
      {item.open && <RowDetail item={item} open={item.open} />}
    </div>
  );
}
