import { formatBytes, formatCount, formatDuration } from "@mission-control/plugin-ui";
import type { ComponentChildren } from "preact";
import type { Stats } from "../api.ts";
import { loadTone, Meter } from "../components/Meter.tsx";
import { Sparkline } from "../components/Sparkline.tsx";
import { formatPercent, formatRate } from "../logic/percent.ts";
import type { Summary } from "./api.ts";

function Figure({ name, value, title, children }: { name: string; value: string; title?: string; children?: ComponentChildren }) {
  return (
    <div class="flex min-w-32 flex-1 flex-col gap-0.5 px-3 py-2" title={title}>
      <span class="text-xs text-muted-foreground">{name}</span>
      <span class="flex items-center justify-between gap-2">
        <span class="font-medium whitespace-nowrap tabular-nums">{value}</span>
        {children}
      </span>
    </div>
  );
}

/** The figures one would ask for, each with its course over the last minutes. */
export function SummaryStrip({ summary, history }: { summary: Summary; history: Stats["history"] }) {
  const line = (series: string, label: string) => <Sparkline values={history?.[series]} label={label} />;
  return (
    <div class="flex flex-wrap border-b bg-card">
      <Figure name="connections" value={`${formatCount(summary.clientTotal)} / ${formatCount(summary.maxConnections)}`} title={`${formatPercent(summary.usedPercent)} of the slots`}>
        <Meter percent={summary.usedPercent} tone={loadTone(summary.usedPercent, 80, 95)} />
      </Figure>
      <Figure name="active" value={formatCount(summary.active)}>{line("active", "active sessions over time")}</Figure>
      <Figure name="waiting on locks" value={formatCount(summary.waitingOnLock)}>{line("waitingOnLock", "sessions waiting on locks over time")}</Figure>
      <Figure name="commits/s" value={formatRate(summary.commitsPerS)}>{line("commits", "commits over time")}</Figure>
      <Figure name="cache hit" value={formatPercent(summary.cacheHitPercent)}>{line("cacheHitPercent", "cache hits over time")}</Figure>
      <Figure name="oldest transaction" value={summary.oldestXactAgeMs ? formatDuration(summary.oldestXactAgeMs) : "none"} />
      {summary.replicationLagBytes !== undefined && summary.replicationLagBytes !== null && <Figure name="replication lag" value={formatBytes(summary.replicationLagBytes)} />}
      {summary.databaseSizeBytes !== undefined && summary.databaseSizeBytes !== null && <Figure name="database size" value={formatBytes(summary.databaseSizeBytes)} />}
    </div>
  );
}
