import { classes, CopyButton, formatPlural, SidePanel } from "@mission-control/plugin-ui";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLogContext } from "../api.ts";
import { LEVEL_TEXT } from "../list/LevelMark.tsx";
import { LineText } from "../list/LineText.tsx";
import { stripAnsi } from "../logic/ansi.ts";
import type { LogClient } from "../logic/logClient.ts";
import { renderStamp, withoutStamp } from "../logic/stamps.ts";
import { LEVEL_LETTERS, type DrawItem, type SourceInfo } from "../protocol.ts";

const AROUND = 25;

interface ContextLine {
  stamp: string;
  text: string;
  level: number;
}

export interface ContextPanelProps {
  client: LogClient;
  item: DrawItem;
  source: SourceInfo | undefined;
  onClose: () => void;
}

/** The lines of one container around a line, whatever is filtered: as they are kept where it runs, else those of the list. */
export function ContextPanel({ client, item, source, onClose }: ContextPanelProps) {
  const [near, setNear] = useState<{ lines: ContextLine[]; index: number }>({ lines: [], index: -1 });
  const place = { namespace: source?.namespace ?? "", pod: source?.pod ?? "", container: source?.container ?? "" };
  const asked = useLogContext(place, item.stamp, item.text, AROUND, source !== undefined);
  const isLocal = source?.kind === "file" || source?.kind === "journal";
  const hit = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void client.ask({ type: "around", id: item.id, count: AROUND }, "around").then(({ items, index }) => {
      const lines = items.flatMap(({ stamp, level, open, text }) => [open?.text ?? text, ...(open?.tail ?? [])].map((line) => ({ stamp, text: line, level })));
      const before = items.slice(0, index).reduce((sum, one) => sum + 1 + one.tailCount, 0);
      setNear({ lines, index: before });
    });
  }, [client, item.id]);
  const isKept = (asked.data?.index ?? -1) >= 0;
  const lines = isKept
    ? (asked.data?.rows ?? []).map(([, stamp, level, text]): ContextLine => ({ stamp, text, level: Math.max(0, LEVEL_LETTERS.indexOf(level === "+" ? "u" : level)) }))
    : near.lines;
  const index = isKept ? (asked.data?.index ?? -1) : near.index;
  useEffect(() => hit.current?.scrollIntoView({ block: "center" }), [index, lines.length]);
  return (
    <SidePanel
      title={`Around this line · ${source?.pod ?? ""} ${source?.container ?? ""}`}
      label="Context"
      onClose={onClose}
      isWide
      footer={
        <span class="flex items-center justify-between text-xs text-muted-foreground">
          {formatPlural(lines.length, "line")} {isKept ? (isLocal ? "as the log has them" : "as the cluster keeps them") : "of the list"}
          <CopyButton label="Copy these lines" text={() => lines.map((line) => `${line.stamp} ${stripAnsi(line.text)}`).join("\n")} />
        </span>
      }
    >
      <div class="py-1 font-mono text-xs">
        {lines.map((line, at) => (
          <div key={at} ref={at === index ? hit : undefined} class={classes("flex gap-[1ch] px-2 leading-5", at === index && "bg-warning/20 font-semibold")}>
            <span class="shrink-0 text-muted-foreground tabular-nums">{renderStamp(line.stamp, "local", Date.now())}</span>
            <span class={classes("min-w-0 break-words whitespace-pre-wrap", line.level > 2 && line.level < 5 && LEVEL_TEXT[line.level])}>
              <LineText text={withoutStamp(line.text, line.stamp)} pattern={null} isPretty />
            </span>
          </div>
        ))}
      </div>
    </SidePanel>
  );
}
