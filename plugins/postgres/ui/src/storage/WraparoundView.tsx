import { Badge, formatCount, formatDuration, oneLine, type HashNavigation } from "@mission-control/plugin-ui";
import { loadTone, Meter } from "../components/Meter.tsx";
import { TableTab } from "../components/TableTab.tsx";
import { formatPercent } from "../logic/percent.ts";
import type { Wraparound } from "./api.ts";
import { qualified, WRAPAROUND_COLUMNS } from "./columns.tsx";
import { SqlBlock } from "../components/SqlBlock.tsx";

export interface WraparoundViewProps {
  data: Wraparound;
  database: string;
  params: URLSearchParams;
  setParams: HashNavigation["setParams"];
}

/** How near the transaction ids are to their end, what holds the horizon back, and which tables are oldest. */
export function WraparoundView({ data, database, params, setParams }: WraparoundViewProps) {
  return (
    <>
      <ul class="flex max-h-40 shrink-0 flex-wrap gap-x-6 gap-y-1 overflow-auto border-b px-3 py-2">
        {data.databases.map((one) => (
          <li key={one.name} class="flex items-center gap-2" title={`${one.xidAge.toLocaleString()} transactions old; forced vacuum at ${data.freezeMaxAge.toLocaleString()}`}>
            <span class="font-medium">{one.name}</span>
            <Meter percent={one.xidPctOfFreezeMax} tone={loadTone(one.xidPctOfFreezeMax, 80, 100)} />
            <span class="text-muted-foreground tabular-nums">
              {formatPercent(one.xidPctOfFreezeMax)} to a forced vacuum, {formatPercent(one.xidPctOfLimit)} to the end
            </span>
          </li>
        ))}
      </ul>
      {data.horizon.length > 0 && (
        <section class="max-h-40 shrink-0 overflow-auto border-b px-3 py-2">
          <h3 class="mb-1 text-muted-foreground">What keeps vacuum from removing rows</h3>
          <ul class="flex flex-col gap-0.5">
            {data.horizon.slice(0, 20).map((one) => (
              <li key={`${one.kind} ${String(one.pid ?? one.name ?? "")}`} class="flex min-w-0 items-center gap-2">
                <Badge tone={one.isOldest ? "warning" : "neutral"}>{one.kind}</Badge>
                <span class="tabular-nums">{one.pid ?? one.name}</span>
                <span class="text-muted-foreground tabular-nums">{formatCount(one.xminAge)} transactions{one.ageMs === undefined ? "" : `, ${formatDuration(one.ageMs)}`}</span>
                {one.query && <span class="min-w-0 truncate font-mono text-xs text-muted-foreground">{oneLine(one.query, 120)}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <TableTab
        id="postgres-wraparound"
        label="Oldest tables"
        columns={WRAPAROUND_COLUMNS}
        rows={data.tables}
        keyOf={qualified}
        params={params}
        setParams={setParams}
        titleOf={qualified}
        details={(table) => <SqlBlock sql={`VACUUM (FREEZE, VERBOSE) ${table.schema}.${table.name};`} title="To freeze it" database={database} />}
      />
    </>
  );
}
