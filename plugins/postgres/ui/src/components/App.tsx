import { KeyboardHelp, Message, parsePageLocation, useHashView, useShell } from "@mission-control/plugin-ui";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ConsoleTab } from "../console/ConsoleTab.tsx";
import { takeConsoleLink } from "../logic/consoleLink.ts";
import { PAGE_TABS, resolveTab } from "../logic/pageTabs.ts";
import { SessionsTab } from "../sessions/SessionsTab.tsx";
import { useStats } from "../api.ts";
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
  const counts = useMemo(() => ({ sessions: stats.data?.connections?.clientTotal }), [stats.data]);
  return (
    <div class="flex h-full flex-col">
      <PageTabs tabs={PAGE_TABS} current={tab.path} counts={counts} stats={stats} onChoose={(next) => go(next, lastParams.current.get(next))} />
      {tab.path === "sessions" && <SessionsTab params={params} setParams={setParams} role={stats.data?.instance?.user} />}
      {isConsoleOpened.current && <ConsoleTab isActive={isConsole} link={link} instance={stats.data?.instance} />}
      <KeyboardHelp keys={KEYS} />
    </div>
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
