import { DataTable, formatPlural, Message, type Column, type Sort } from "@mission-control/plugin-ui";
import { useEffect, useState } from "preact/hooks";
import { LEVEL_TEXT } from "../list/LevelMark.tsx";
import type { LogClient } from "../logic/logClient.ts";
import { renderStamp } from "../logic/stamps.ts";
import { LEVELS, type PatternGroup, type Patterns } from "../protocol.ts";
import { PatternSpark } from "./PatternSpark.tsx";

/** By weight: what a pattern is worth looking at for. */
const WEIGHT = [1, 2, 3, 4, 5, 6, 0];
const PLACEHOLDER = /(<(?:n|id|hex|uuid|ip|time)>|"…"|'…')/;

function worstLevel({ levels }: PatternGroup): number {
  return levels.reduce((worst, count, level) => (count && (WEIGHT[level] ?? 0) > (WEIGHT[worst] ?? 0) ? level : worst), 6);
}

function levelTitle({ levels }: PatternGroup): string {
  return levels.flatMap((count, level) => (count ? [`${LEVELS[level] ?? ""}: ${count.toLocaleString()}`] : [])).join("\n");
}

function PatternText({ pattern }: { pattern: string }) {
  if (!pattern) return <span class="text-muted-foreground">(empty lines)</span>;
  return (
    <>
      {pattern.split(PLACEHOLDER).map((part, at) => (at % 2 ? <span key={at} class="text-primary">{part}</span> : part))}
    </>
  );
}

function columnsOf(lines: number): Column<PatternGroup>[] {
  const stamp = (text: string) => renderStamp(text, "local", Date.now(), true);
  return [
    { id: "count", header: "Lines", value: (row) => row.count, cell: (row) => row.count.toLocaleString(), title: (row) => `${((row.count / Math.max(1, lines)) * 100).toFixed(2)} %`, isNumeric: true, width: 5.5, narrow: "figure" },
    {
      id: "level",
      header: "Level",
      value: (row) => WEIGHT[worstLevel(row)] ?? 0,
      cell: (row) => {
        const level = worstLevel(row);
        return <span class={level === 5 ? "rounded-sm bg-destructive px-1 text-destructive-foreground" : LEVEL_TEXT[level]}>{level === 6 ? "–" : LEVELS[level]}</span>;
      },
      title: levelTitle,
      width: 5,
      narrow: "detail",
    },
    { id: "pattern", header: "Pattern", value: (row) => row.pattern, cell: (row) => <PatternText pattern={row.pattern} />, title: (row) => row.pattern, isCode: true, narrow: "title" },
    { id: "activity", header: "Over time", value: (row) => row.buckets.lastIndexOf(Math.max(...row.buckets)), cell: (row) => <PatternSpark counts={row.buckets} label={`${row.count} lines over time`} />, width: 9 },
    { id: "first", header: "First", value: (row) => row.first, cell: (row) => stamp(row.first), title: (row) => row.first, width: 7.5 },
    { id: "last", header: "Last", value: (row) => row.last, cell: (row) => stamp(row.last), title: (row) => row.last, width: 7.5, narrow: "detail" },
  ];
}

export interface PatternsViewProps {
  client: LogClient;
  onChoose: (pattern: string) => void;
}

/** Lines grouped by what they have in common; a click shows those of a group. */
export function PatternsView({ client, onChoose }: PatternsViewProps) {
  const [patterns, setPatterns] = useState<Patterns | null>(null);
  const [sort, setSort] = useState<Sort | null>(null);
  useEffect(() => {
    const stop = client.listen((message) => {
      // A count that goes on replaces only what is not complete: rows that are there stay until all of the new ones are.
      if (message.type === "patterns") setPatterns((before) => (before && before.done === before.total && message.patterns.done < message.patterns.total && before.lines ? before : message.patterns));
    });
    client.send({ type: "patterns", isOn: true });
    return () => {
      stop();
      client.send({ type: "patterns", isOn: false });
    };
  }, [client]);
  if (!patterns) return <div class="flex-1" />;
  const { done, total, lines, found, groups } = patterns;
  if (done === total && !lines) return <div class="flex-1 overflow-auto"><Message title="No line to group"><p>No line passes the filter now. Patterns appear here as lines come.</p></Message></div>;
  return (
    <div class="flex min-h-0 min-w-0 flex-1 flex-col">
      <div role="status" aria-label="Patterns" class="flex shrink-0 items-center gap-3 border-b bg-card px-density-2 text-xs leading-6 text-muted-foreground tabular-nums">
        <span class="truncate">
          {formatPlural(found, "pattern")} in {formatPlural(lines, "line")}
          {found > groups.length && `, the ${groups.length.toLocaleString()} most frequent are shown`}
          <span class="narrow:hidden"> · a click shows the lines of one</span>
        </span>
        {done < total && <progress aria-label="Lines grouped" value={done} max={total} class="ml-auto h-1.5 w-40 accent-primary" />}
      </div>
      <DataTable id="mc.klogs.patterns" label="Patterns" columns={columnsOf(lines)} rows={groups} keyOf={(row) => row.pattern} sort={{ value: sort, onChange: setSort }} selection={{ value: null, onChange: (key) => key !== null && onChoose(key) }} />
    </div>
  );
}
