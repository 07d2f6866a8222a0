import { Async, FieldList, formatBytes, formatDuration, formatExactTime, Message, parseTime } from "@mission-control/plugin-ui";
import { AsOf } from "../components/AsOf.tsx";
import { Notes } from "../components/Notes.tsx";
import { SqlBlock } from "../components/SqlBlock.tsx";
import { TableTab } from "../components/TableTab.tsx";
import { formatPercent } from "../logic/percent.ts";
import type { Bloat, BloatRow, Relation, Relations } from "./api.ts";
import { BLOAT_COLUMNS, qualified, RELATION_COLUMNS } from "./columns.tsx";
import { useSlow } from "../components/useSlow.ts";
import type { SectionProps } from "./section.ts";

function relationFields(row: Relation) {
  return [
    { name: "size", value: row.sizeBytes === null ? "locked by another session" : formatBytes(row.sizeBytes) },
    { name: "heap", value: formatBytes(row.tableBytes) },
    { name: "indexes", value: formatBytes(row.indexBytes) },
    { name: "toast", value: formatBytes(row.toastBytes) },
    { name: "cache hit", value: formatPercent(row.cacheHitPercent) },
    { name: "last read in full", value: row.lastSeqScan ? formatExactTime(parseTime(row.lastSeqScan)) : "" },
    { name: "partition of", value: row.partitionOf ?? "" },
    { name: "growth", value: row.growthBytes === undefined || !row.growthSeconds ? "" : `${formatBytes(row.growthBytes)} in ${formatDuration(row.growthSeconds * 1000)}` },
  ].filter((field) => field.value !== "" && field.value !== "–");
}

/** The largest tables, and which of them grow. */
export function SizeSection({ database, params, setParams, toolbar }: SectionProps) {
  const { answer, isMeasuring, measure } = useSlow<Relations>("relations", database);
  return (
    <>
      {toolbar(<AsOf asOf={answer.data?.asOf} isFetching={isMeasuring} onMeasure={measure} />)}
      <Async of={answer} what="the sizes">
        {(data) => (
          <>
            <Notes of={data} />
            <TableTab id="postgres-relations" label="Tables by size" columns={RELATION_COLUMNS} rows={data.relations} keyOf={qualified} params={params} setParams={setParams} titleOf={qualified} details={(row) => <FieldList fields={relationFields(row)} />} />
          </>
        )}
      </Async>
    </>
  );
}

/** What vacuum cannot give back: space that is taken and holds nothing. */
export function BloatSection({ database, params, setParams, toolbar }: SectionProps) {
  const { answer, isMeasuring, measure } = useSlow<Bloat>("bloat", database);
  const mend = (row: BloatRow) => (row.table ? `REINDEX INDEX CONCURRENTLY ${row.schema}.${row.name};` : `VACUUM (FULL, VERBOSE) ${row.schema}.${row.name}; -- locks the table; pg_repack does not`);
  return (
    <>
      {toolbar(<AsOf asOf={answer.data?.asOf} isFetching={isMeasuring} onMeasure={measure} />)}
      <Async of={answer} what="the bloat" isEmpty={(data) => data.tables.length + data.indexes.length === 0} empty={<Message title="No bloat to speak of" />}>
        {(data) => (
          <>
            <Notes of={data} />
            <TableTab
              id="postgres-bloat"
              label="Bloat"
              columns={BLOAT_COLUMNS}
              rows={[...data.tables, ...data.indexes]}
              keyOf={qualified}
              params={params}
              setParams={setParams}
              titleOf={qualified}
              details={(row) => (
                <>
                  {row.reason && <p>{row.reason}</p>}
                  <FieldList fields={[{ name: "known by", value: row.method }, { name: "confidence", value: row.confidence }]} />
                  <SqlBlock sql={mend(row)} title="To get it back" database={database} />
                </>
              )}
            />
          </>
        )}
      </Async>
    </>
  );
}
