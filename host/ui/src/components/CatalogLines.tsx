import { classes, placed, useHotkeys, useVirtual } from "@mission-control/plugin-ui";
import { ChevronRight } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Item } from "../api.ts";
import { typeLabel, type ListLine } from "../logic/groups.ts";
import { followLink, go } from "../navigation.ts";
import { HealthMark } from "./HealthMark.tsx";

const SCROLL_KEY = "mc.shell.scroll";
const NEAR_END_LINES = 40;

const TAIL_CHARS = 6;
const LONG_CHARS = 20;

/** A name cut in its middle: what tells the pods of one workload apart is at the end. */
function ItemName({ name }: { name: string }) {
  if (name.length <= LONG_CHARS) return <span class="min-w-0 truncate">{name}</span>;
  return (
    <span class="flex min-w-0">
      <span class="truncate">{name.slice(0, -TAIL_CHARS)}</span>
      <span class="shrink-0 whitespace-pre">{name.slice(-TAIL_CHARS)}</span>
    </span>
  );
}

function ItemLine({ item, isSelected }: { item: Item; isSelected: boolean }) {
  return (
    <a
      href={`/items/${item.id}`}
      aria-current={isSelected ? "page" : undefined}
      onClick={(event) => followLink(event, { page: "item", itemId: item.id, tab: null })}
      title={[item.name, item.namespace, item.status].filter(Boolean).join(" · ")}
      class={classes("flex h-full items-center gap-2 pr-3 pl-6", isSelected ? "bg-accent font-medium" : "hover:bg-accent/60")}
    >
      <HealthMark health={item.health} />
      <ItemName name={item.name} />
      {item.namespace && <span class="ml-auto max-w-24 shrink-0 truncate text-xs text-muted-foreground">{item.namespace}</span>}
    </a>
  );
}

function GroupLine({ line, onToggle }: { line: Extract<ListLine, { kind: "group" }>; onToggle: (key: string) => void }) {
  return (
    <button
      type="button"
      aria-expanded={!line.isFolded}
      onClick={() => onToggle(line.key)}
      class="flex h-full w-full items-center gap-1.5 px-2 text-xs text-muted-foreground hover:text-foreground"
    >
      <ChevronRight aria-hidden class={classes("size-3 shrink-0 transition-transform", !line.isFolded && "rotate-90")} />
      <span class="max-w-[75%] shrink-0 truncate font-medium">{typeLabel(line.type)}</span>
      <span class="tabular-nums">
        {line.count}
        {line.isPartial && "+"}
      </span>
      <span class="ml-auto min-w-0 truncate">{line.source}</span>
    </button>
  );
}

export interface CatalogLinesProps {
  lines: ListLine[];
  selectedId: string | null;
  /** Whether j and k are this list's: not while a table beside it has them. */
  hasKeys: boolean;
  onToggle: (group: string) => void;
  onEnd: () => void;
}

/** The lines that are in view, at the scroll position of the last visit. */
export function CatalogLines({ lines, selectedId, hasKeys, onToggle, onEnd }: CatalogLinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [lineHeight, setLineHeight] = useState(28);
  const virtual = useVirtual({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => lineHeight, overscan: 15 });
  useLayoutEffect(() => {
    setLineHeight(scroller.current?.querySelector<HTMLElement>("[data-line]")?.offsetHeight || 28);
    if (scroller.current) scroller.current.scrollTop = Number(sessionStorage.getItem(SCROLL_KEY) ?? 0);
  }, []);
  useLayoutEffect(() => virtual.measure(), [lineHeight, virtual]);
  const shown = virtual.getVirtualItems();
  const isNearEnd = (shown.at(-1)?.index ?? 0) > lines.length - NEAR_END_LINES;
  useEffect(() => {
    if (isNearEnd) onEnd();
  });
  function move(step: number) {
    const items = lines.flatMap((line, index) => (line.kind === "item" ? [{ item: line.item, index }] : []));
    const at = items.findIndex(({ item }) => item.id === selectedId);
    const next = items[Math.min(items.length - 1, Math.max(0, at + step))];
    if (!next) return;
    go({ page: "item", itemId: next.item.id, tab: null }, { isStep: at < 0 });
    virtual.scrollToIndex(next.index, { align: "auto" });
  }
  useHotkeys({ j: () => move(1), k: () => move(-1) }, hasKeys);
  return (
    <div ref={scroller} onScroll={(event) => sessionStorage.setItem(SCROLL_KEY, String(event.currentTarget.scrollTop))} class="min-h-0 flex-1 overflow-auto py-1">
      <div ref={placed({ "--h": `${virtual.getTotalSize()}px` })} class="relative h-(--h)">
        {shown.map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div key={line.kind === "group" ? line.key : line.item.id} data-line ref={placed({ "--y": `${start}px` })} class="absolute top-(--y) h-control-h w-full">
              {line.kind === "group" ? <GroupLine line={line} onToggle={onToggle} /> : <ItemLine item={line.item} isSelected={line.item.id === selectedId} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}
