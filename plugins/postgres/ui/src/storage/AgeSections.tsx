import { Async, FieldList, formatDuration, Message, useOperation } from "@mission-control/plugin-ui";
import { AsOf } from "../components/AsOf.tsx";
import { Meter } from "../components/Meter.tsx";
import { Notes } from "../components/Notes.tsx";
import { SqlBlock } from "../components/SqlBlock.tsx";
import { TableTab } from "../components/TableTab.tsx";
import { formatPercent } from "../logic/percent.ts";
import { useProgress, type Sequences, type VacuumRow, type Wraparound } from "./api.ts";
import { qualified, SEQUENCE_COLUMNS, VACUUM_COLUMNS } from "./columns.tsx";
import { SLOW_MS, useSlow } from "../components/useSlow.ts";
import type { SectionProps } from "./section.ts";
import { WraparoundView } from "./WraparoundView.tsx";

function Progress() {
  const progress = useProgress();
  const items = progress.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <ul class="max-h-32 shrink-0 overflow-auto border-b bg-muted/40 px-3 py-1.5">
      {items.map((item) => (
        <li key={item.pid} class="flex items-center gap-2 text-xs">
          <span class="font-medium">{item.kind.replaceAll("_", " ")}</span>
          <span class="truncate">{item.relation}</span>
          <span class="text-muted-foreground">{item.phase}</span>
          <Meter percent={item.percent} />
          <span class="tabular-nums">{item.percent === undefined ? "" : formatPercent(item.percent)}</span>
          {item.etaMs !== undefined && <span class="text-muted-foreground tabular-nums">about {formatDuration(item.etaMs)} more</span>}
        </li>
      ))}
    </ul>
  );
}

/** Whether vacuum keeps up, table by table, and what runs now. */
export function VacuumSection({ database, params, setParams, toolbar }: SectionProps) {
  const answer = useOperation<VacuumRow[] | null>("vacuum-stats", database ? { database } : {}, { intervalMs: SLOW_MS });
  return (
    <>
      {toolbar(null)}
      <Progress />
      <Async of={answer} what="the vacuum statistics" isEmpty={(rows) => !rows?.length} empty={<Message title="There are no tables" />}>
        {(rows) => (
          <TableTab
            id="postgres-vacuum"
            label="Vacuum"
            columns={VACUUM_COLUMNS}
            rows={rows ?? []}
            keyOf={qualified}
            params={params}
            setParams={setParams}
            titleOf={qualified}
            tone={(row) => (row.isDue ? "warning" : undefined)}
            details={(row) => <SqlBlock sql={`VACUUM (ANALYZE, VERBOSE) ${qualified(row)};`} title="By hand" database={database} />}
          />
        )}
      </Async>
    </>
  );
}

/** How near the transaction ids are to their end. */
export function WraparoundSection({ database, params, setParams, toolbar }: SectionProps) {
  const answer = useOperation<Wraparound>("wraparound", database ? { database } : {}, { intervalMs: SLOW_MS });
  return (
    <>
      {toolbar(null)}
      <Async of={answer} what="the ages">
        {(data) => (
          <>
            <Notes of={data} />
            <WraparoundView data={data} database={database} params={params} setParams={setParams} />
          </>
        )}
      </Async>
    </>
  );
}

/** Which sequences will run out. */
export function SequencesSection({ database, params, setParams, toolbar }: SectionProps) {
  const { answer, isMeasuring, measure } = useSlow<Sequences>("sequences", database);
  return (
    <>
      {toolbar(<AsOf asOf={answer.data?.asOf} isFetching={isMeasuring} onMeasure={measure} />)}
      <Async of={answer} what="the sequences" isEmpty={(data) => data.sequences.length === 0} empty={<Message title="There are no sequences" />}>
        {(data) => (
          <>
            <Notes of={data} />
            <TableTab
              id="postgres-sequences"
              label="Sequences"
              columns={SEQUENCE_COLUMNS}
              rows={data.sequences}
              keyOf={qualified}
              params={params}
              setParams={setParams}
              titleOf={qualified}
              details={(row) => <FieldList fields={[{ name: "type", value: row.dataType }, { name: "last value", value: row.lastValue ?? "not visible" }, { name: "greatest", value: row.maxValue }, { name: "column", value: row.column ?? "none" }]} />}
            />
          </>
        )}
      </Async>
    </>
  );
}
