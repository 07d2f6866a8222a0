import { KeyboardHelp, Message, parsePageLocation, useHashView, useShell } from "@mission-control/plugin-ui";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ConsoleTab } from "../console/ConsoleTab.tsx";
import { IndexesTab } from "../indexes/IndexesTab.tsx";
import { LocksTab } from "../locks/LocksTab.tsx";
import { takeConsoleLink, type ConsoleLink } from "../logic/consoleLink.ts";
import { PAGE_TABS, resolveTab } from "../logic/pageTabs.ts";
import { OverviewTab } from "../overview/OverviewTab.tsx";
import { ReplicationTab } from "../replication/ReplicationTab.tsx";
import { SessionsTab } from "../sessions/SessionsTab.tsx";
import { SettingsTab } from "../settings/SettingsTab.tsx";
import { StatementsTab } from "../statements/StatementsTab.tsx";
import { StorageTab } from "../storage/StorageTab.tsx";
import { useStats } from "../api.ts";
import { ConsoleContext } from "./openConsole.ts";
import { PageTabs } from "./PageTabs.tsx";

const KEYS = [
  ["/", "search"],
  ["j k", "next, previous row"],
  ["Enter", "open the row"],
  ["Esc", "close"],
  ["r", "refresh"],
  ["p", "pause or resume"],
  ["Ctrl-Enter", "run the selection, else all"],
  ["Ctrl-Space", "complete"],
  ["Ctrl-K", "search everywhere"],
] as const;

function hasItem(): boolean {
  try {
    return parsePageLocation(window.location).itemId !== "";
  } catch {
    return false;
  }
}

function Page() {
  const { path, params, go, settle, setParams } = useHashView();
  const [link] = useState(takeConsoleLink);
  const stats = useStats();
  const tab = resolveTab(path, link !== null);
  const lastParams = useRef(new Map<string, Record<string, string>>());
  lastParams.current.set(tab.path, Object.fromEntries(params));
  useEffect(() => settle(tab.path), [settle, tab.path]);
  const isConsoleOpened = useRef(false);
  const isConsole = tab.path === "console";
  isConsoleOpened.current ||= isConsole;
  const connections = stats.data?.connections;
  const counts = useMemo(() => ({ sessions: connections?.clientTotal, locks: connections?.waitingOnLock || undefined }), [connections]);
  const [incoming, setIncoming] = useState<ConsoleLink | null>(null);
  const openConsole = useCallback(
    (statement: string, database = "") => {
      setIncoming({ statement, database, isRun: false });
      go("console");
    },
    [go],
  );
  const place = { params, setParams };
  return (
    <ConsoleContext.Provider value={openConsole}>
    <div class="flex h-full flex-col">
      <PageTabs tabs={PAGE_TABS} current={tab.path} counts={counts} stats={stats} onChoose={(next) => go(next, lastParams.current.get(next))} />
      {tab.path === "overview" && <OverviewTab {...place} go={go} stats={stats} />}
      {tab.path === "sessions" && <SessionsTab {...place} role={stats.data?.instance?.user} />}
      {tab.path === "locks" && <LocksTab {...place} go={go} />}
      {tab.path === "statements" && <StatementsTab {...place} />}
      {isConsoleOpened.current && <ConsoleTab isActive={isConsole} link={link} incoming={incoming} instance={stats.data?.instance} />}
      {tab.path === "indexes" && <IndexesTab {...place} />}
      {tab.path === "storage" && <StorageTab {...place} />}
      {tab.path === "replication" && <ReplicationTab />}
      {tab.path === "settings" && <SettingsTab {...place} />}
      <KeyboardHelp keys={KEYS} />
    </div>
    </ConsoleContext.Provider>
  );
}

/** The Postgres tab: inner tabs, the server at the right. */
export function App() {
  useShell();
  if (hasItem()) return <Page />;
  return (
    <Message title="No item">
      <p>This page belongs to a catalog item: open it from an item&apos;s tabs, so that its address names one in config_id.</p>
    </Message>
  );
}
