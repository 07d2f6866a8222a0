import { Async, FieldList, formatCount, formatDuration, LiveLine, Message, SearchBox, Select, Toolbar, type HashNavigation } from "@mission-control/plugin-ui";
import { DatabaseSelect } from "../components/DatabaseSelect.tsx";
import { Notes } from "../components/Notes.tsx";
import { SqlBlock } from "../components/SqlBlock.tsx";
import { TableTab } from "../components/TableTab.tsx";
import { formatPercent, formatRate } from "../logic/percent.ts";
import { STATEMENT_COLUMNS } from "./columns.tsx";
import { Unavailable } from "./Unavailable.tsx";
import { useStatements, WINDOWS, type Statement, type StatementsAnswer } from "./api.ts";

const keyOf = (statement: Statement) => `${statement.queryId ?? statement.query} ${String(statement.userId ?? "")} ${String(statement.databaseId ?? "")}`;

function Details({ statement }: { statement: Statement }) {
  const range = statement.minExecTimeMs === undefined ? "" : `${formatDuration(statement.minExecTimeMs)} to ${formatDuration(statement.maxExecTimeMs)}`;
  const fields = [
    { name: "share of time", value: formatPercent(statement.pctTotal) },
    { name: "calls", value: `${formatCount(statement.calls)}${statement.callsPerS === undefined ? "" : `, ${formatRate(statement.callsPerS)} a second`}` },
    { name: "total", value: formatDuration(statement.totalExecTimeMs) },
    { name: "mean", value: formatDuration(statement.meanExecTimeMs) },
    { name: "from, to", value: range },
    { name: "rows", value: `${formatCount(statement.rows)}, ${formatRate(statement.rows / Math.max(1, statement.calls))} a call` },
    { name: "cache hit", value: statement.cacheHitPercent === undefined ? "" : formatPercent(statement.cacheHitPercent) },
    { name: "reading", value: statement.ioReadMs ? formatDuration(statement.ioReadMs) : "" },
    { name: "user", value: statement.user ?? "" },
    { name: "database", value: statement.database ?? "" },
    { name: "query id", value: statement.queryId ?? "" },
  ];
  return (
    <>
      <SqlBlock sql={statement.query} title="Statement" database={statement.database} />
      {statement.truncated && <p class="text-xs text-muted-foreground">The text is cut.</p>}
      <FieldList fields={fields.filter((field) => field.value !== "")} />
    </>
  );
}

function Span({ answer }: { answer: StatementsAnswer }) {
  const parts = [
    answer.seconds === undefined ? "" : `over ${formatDuration(answer.seconds * 1000)}`,
    answer.reset ? "the statistics were reset within this time" : "",
    answer.hiddenCount ? `${formatCount(answer.hiddenCount)} of other roles are hidden` : "",
  ].filter(Boolean);
  return parts.length > 0 ? <p class="border-b px-3 py-1 text-xs text-muted-foreground">{parts.join(" · ")}</p> : null;
}

/** What the server spends its time on: between two snapshots, or since the reset. */
export function StatementsTab({ params, setParams }: { params: URLSearchParams; setParams: HashNavigation["setParams"] }) {
  const filter = { window: params.get("window") ?? "900", sort: "total", search: params.get("q") ?? "", database: params.get("db") ?? "" };
  const answer = useStatements(filter);
  return (
    <>
      <Toolbar
        setCount={["db", "window"].filter((name) => params.has(name)).length}
        lead={<SearchBox class="w-48 narrow:w-auto narrow:flex-1" label="Search statements" value={filter.search} onChange={(q) => setParams({ q })} />}
        end={<LiveLine of={answer} />}
      >
        <Select label="Time" value={filter.window} isSet={params.has("window")} options={WINDOWS} onChange={(window) => setParams({ window })} />
        <DatabaseSelect value={filter.database} none="All databases" onChange={(db) => setParams({ db })} />
      </Toolbar>
      <Async of={answer} what="the statements">
        {(data) => {
          if (!data.available) return <Unavailable answer={data} database={filter.database} onInstalled={answer.refresh} />;
          if (data.waitingForSecondSnapshot) {
            return (
              <Message title="The first snapshot is taken">
                <p>Differences show with the second one, within a minute. Figures since the reset are there already: choose another time above.</p>
              </Message>
            );
          }
          const rows = data.statements ?? data.queries ?? [];
          if (rows.length === 0) return <Message title="No statement matches" />;
          return (
            <>
              <Notes of={data} />
              <Span answer={data} />
              <TableTab id="postgres-statements" label="Statements" columns={STATEMENT_COLUMNS} rows={rows} keyOf={keyOf} params={params} setParams={setParams} titleOf={() => "Statement"} details={(statement) => <Details statement={statement} />} />
            </>
          );
        }}
      </Async>
    </>
  );
}
