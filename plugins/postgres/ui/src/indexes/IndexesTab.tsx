import { Async, Badge, FieldList, formatBytes, formatCount, formatExactTime, Message, parseTime, Toolbar, type Column, type HashNavigation, type Tone } from "@mission-control/plugin-ui";
import { AsOf } from "../components/AsOf.tsx";
import { DatabaseSelect } from "../components/DatabaseSelect.tsx";
import { Notes } from "../components/Notes.tsx";
import { SectionSwitch } from "../components/SectionSwitch.tsx";
import { SqlBlock } from "../components/SqlBlock.tsx";
import { TableTab } from "../components/TableTab.tsx";
import { useSlow } from "../components/useSlow.ts";
import type { IndexFinding, IndexInfo, Indexes } from "./api.ts";

const KINDS: Record<IndexFinding["kind"], { word: string; tone: Tone }> = {
  invalid: { word: "invalid", tone: "destructive" },
  duplicate: { word: "duplicate", tone: "warning" },
  overlapping: { word: "covered by another", tone: "warning" },
  unused: { word: "unused", tone: "warning" },
  missing_fk: { word: "missing for a foreign key", tone: "info" },
  seq_scan: { word: "missing, table is scanned", tone: "info" },
  bloated: { word: "bloated", tone: "warning" },
  hypothetical: { word: "would help", tone: "info" },
};

const FINDING_COLUMNS: Column<IndexFinding>[] = [
  { id: "index", header: "Index", value: (f) => f.index ?? f.table, narrow: "title", cell: (f) => <span class="font-medium">{f.index ?? `on ${f.table}`}</span>, title: (f) => f.reason },
  { id: "kind", header: "Finding", value: (f) => f.kind, width: 12, narrow: "figure", cell: (f) => <Badge tone={KINDS[f.kind].tone}>{KINDS[f.kind].word}</Badge> },
  { id: "size", header: "Size", value: (f) => f.sizeBytes, width: 6, isNumeric: true, narrow: "detail", cell: (f) => (f.sizeBytes ? formatBytes(f.sizeBytes) : "") },
  { id: "scans", header: "Scans", value: (f) => f.scans, width: 6, isNumeric: true, cell: (f) => formatCount(f.scans) },
  { id: "confidence", header: "Confidence", value: (f) => f.confidence, width: 7 },
  { id: "reason", header: "Why", value: (f) => f.reason, width: 17, narrow: "detail" },
];

const INDEX_COLUMNS: Column<IndexInfo>[] = [
  { id: "index", header: "Index", value: (i) => i.index, narrow: "title", cell: (i) => <span class="flex items-center gap-1.5 font-medium">{i.index}{i.isPrimary && <Badge>primary</Badge>}{i.isUnique && !i.isPrimary && <Badge>unique</Badge>}{i.isValid === false && <Badge tone="destructive">invalid</Badge>}</span> },
  { id: "table", header: "Table", value: (i) => i.table, width: 14, narrow: "detail" },
  { id: "size", header: "Size", value: (i) => i.sizeBytes, width: 6, isNumeric: true, narrow: "figure", cell: (i) => formatBytes(i.sizeBytes), title: (i) => i.sizeBytes.toLocaleString() },
  { id: "scans", header: "Scans", value: (i) => i.scans, width: 7, isNumeric: true, narrow: "detail", cell: (i) => formatCount(i.scans) },
  { id: "last", header: "Last scan", value: (i) => i.lastScan, width: 11, cell: (i) => (i.lastScan ? formatExactTime(parseTime(i.lastScan)) : "") },
];

const findingKey = (finding: IndexFinding) => `${finding.kind} ${finding.index ?? finding.table} ${(finding.columns ?? []).join(",")}`;

function FindingDetails({ finding, database }: { finding: IndexFinding; database: string }) {
  const fields = [
    { name: "table", value: finding.table },
    { name: "columns", value: finding.columns?.join(", ") },
    { name: "covered by", value: finding.coveredBy },
    { name: "size", value: finding.sizeBytes ? formatBytes(finding.sizeBytes) : undefined },
    { name: "scans", value: finding.scans === undefined ? undefined : formatCount(finding.scans) },
    { name: "statistics of", value: finding.statsAgeDays === undefined ? undefined : `${String(Math.round(finding.statsAgeDays))} days` },
    { name: "confidence", value: finding.confidence },
  ];
  return (
    <>
      <p>{finding.reason}</p>
      <FieldList fields={fields.filter((field) => field.value !== undefined)} />
      {finding.ddl && <SqlBlock sql={finding.ddl} title="To mend it" database={database} />}
    </>
  );
}

/** Indexes that are broken, unused, doubled or missing; and the largest ones there are. */
export function IndexesTab({ params, setParams }: { params: URLSearchParams; setParams: HashNavigation["setParams"] }) {
  const database = params.get("db") ?? "";
  const section = params.get("section") ?? "findings";
  const { answer: indexes, isMeasuring, measure } = useSlow<Indexes>("indexes", database);
  const sections = [
    { id: "findings", label: "Findings", count: indexes.data?.findings.length },
    { id: "all", label: "Largest", count: indexes.data?.total.count },
  ];
  return (
    <>
      <Toolbar lead={<SectionSwitch sections={sections} current={section} onChoose={(id) => setParams({ section: id, row: null, sort: null })} />} end={<AsOf asOf={indexes.data?.asOf} isFetching={isMeasuring} onMeasure={measure} />}>
        <DatabaseSelect value={database} none="Default database" onChange={(db) => setParams({ db })} />
      </Toolbar>
      <Async of={indexes} what="the indexes">
        {(data) => (
          <>
            <Notes of={data} />
            {data.standbyNote && <p class="border-b bg-muted/50 px-3 py-1.5 text-xs text-muted-foreground">{data.standbyNote}</p>}
            {section === "findings" && data.suggestionNote && (
              <p class="border-b bg-muted/50 px-3 py-1.5 text-xs text-muted-foreground">
                No indexes from statements: {data.suggestionNote}.{data.suggestionSql && <code class="ml-1.5">{data.suggestionSql}</code>}
              </p>
            )}
            {section === "findings" ? (
              data.findings.length === 0 ? (
                <Message title="Nothing to say against the indexes">
                  <p>No index is invalid, unused or doubled, and no foreign key lacks one.</p>
                </Message>
              ) : (
                <TableTab id="postgres-index-findings" label="Index findings" columns={FINDING_COLUMNS} rows={data.findings} keyOf={findingKey} params={params} setParams={setParams} titleOf={(finding) => finding.index ?? finding.table} details={(finding) => <FindingDetails finding={finding} database={database} />} tone={(finding) => (finding.kind === "invalid" ? "destructive" : undefined)} />
              )
            ) : (
              <TableTab id="postgres-indexes" label="Indexes" columns={INDEX_COLUMNS} rows={data.indexes} keyOf={(index) => index.index} params={params} setParams={setParams} titleOf={(index) => index.index} details={(index) => <SqlBlock sql={index.definition} title="Definition" database={database} />} />
            )}
          </>
        )}
      </Async>
    </>
  );
}
