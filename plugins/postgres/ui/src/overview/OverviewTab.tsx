import { Async, LiveLine, Message, Toolbar, type HashNavigation, type Operation } from "@mission-control/plugin-ui";
import type { Stats } from "../api.ts";
import { DatabaseSelect } from "../components/DatabaseSelect.tsx";
import { Notes } from "../components/Notes.tsx";
import { checkName, headline, unmade } from "../logic/findings.ts";
import { PAGE_TABS } from "../logic/pageTabs.ts";
import { useOverview, type Finding, type Overview } from "./api.ts";
import { FindingCard } from "./FindingCard.tsx";
import { SummaryStrip } from "./SummaryStrip.tsx";

export interface OverviewTabProps {
  params: URLSearchParams;
  setParams: HashNavigation["setParams"];
  go: HashNavigation["go"];
  stats: Operation<Stats>;
}

function Checks({ overview }: { overview: Overview }) {
  const missing = unmade(overview.checks);
  const passed = overview.checks.filter((check) => check.state === "ok");
  return (
    <details class="px-3 py-2 text-xs text-muted-foreground">
      <summary class="w-fit hover:text-foreground">
        {passed.length} checks passed{missing.length > 0 && `, ${String(missing.length)} could not be made`}
      </summary>
      <p class="mt-1">{passed.map((check) => checkName(check.kind)).join(" · ")}</p>
      {missing.map((check) => (
        <p key={check.kind} class="mt-1 text-warning-text">
          {checkName(check.kind)}: {check.reason}
        </p>
      ))}
    </details>
  );
}

/** What is wrong right now, ranked, with evidence and the way to it; below it the figures behind. */
export function OverviewTab({ params, setParams, go, stats }: OverviewTabProps) {
  const database = params.get("db") ?? "";
  const overview = useOverview(database);
  const open = (finding: Finding) => {
    if (!finding.link) return;
    const values = Object.fromEntries(Object.entries(finding.link.params ?? {}).map(([name, value]) => [name, String(value)]));
    go(finding.link.tab, { ...values, ...(finding.link.tab === "sessions" ? { idle: "1", background: "1" } : {}), ...(values.relation ? { row: values.relation } : {}), ...(values.index ? { row: values.index } : {}) });
  };
  const labelOf = (finding: Finding) => PAGE_TABS.find((tab) => tab.path === finding.link?.tab)?.label;
  return (
    <>
      <Toolbar lead={<DatabaseSelect value={database} none="Default database" onChange={(db) => setParams({ db })} />} end={<LiveLine of={overview} />} />
      <Async of={overview} what="the overview">
        {(data) => {
          const counts = { critical: 0, warning: 0, info: 0 };
          for (const finding of data.findings) counts[finding.severity] += 1;
          return (
            <div class="min-h-0 flex-1 overflow-auto">
              <SummaryStrip summary={data.summary} history={stats.data?.history} />
              <Notes of={data} />
              <section aria-label="Findings" class="border-b bg-card">
                <h2 class="border-b px-3 py-2 text-base font-semibold">{headline(counts)}</h2>
                {data.findings.length > 0 ? (
                  <ul>
                    {data.findings.map((finding) => (
                      <FindingCard key={finding.id} finding={finding} label={labelOf(finding)} onOpen={() => open(finding)} />
                    ))}
                  </ul>
                ) : (
                  <Message title="All checks passed">
                    <p>No blocked session, no old transaction, no table near wraparound, no index that is broken.</p>
                  </Message>
                )}
              </section>
              <Checks overview={data} />
            </div>
          );
        }}
      </Async>
    </>
  );
}
