import { parsePageLocation, readPreference, writePreference } from "@mission-control/plugin-ui";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ConsoleLink } from "../logic/consoleLink.ts";
import { addTab, changeTab, closeTab, restoreTabs, type EditorTab, type EditorTabs } from "../logic/editorTabs.ts";

const SAVE_PAUSE_MS = 300;
const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

export interface ConsoleTabs {
  tabs: EditorTab[];
  active: EditorTab;
  choose: (id: string) => void;
  add: (init?: { text?: string; database?: string }) => string;
  close: (id: string) => void;
  change: (id: string, change: Partial<EditorTab>) => void;
}

function initialTabs(key: string, link: ConsoleLink | null): EditorTabs {
  const stored = restoreTabs(readPreference<unknown>(key, null), newId());
  if (!link) return stored;
  const same = stored.tabs.find((tab) => tab.text.trim() === link.statement.trim() && (!link.database || tab.database === link.database));
  if (same) return { ...stored, activeId: same.id };
  const empty = stored.tabs.find((tab) => tab.text.trim() === "");
  if (empty) return { ...changeTab(stored, empty.id, { text: link.statement, database: link.database }), activeId: empty.id };
  return addTab(stored, newId(), { text: link.statement, database: link.database });
}

/** The editor's tabs: kept in this browser per item, so that reloads and other tabs lose nothing. */
export function useConsoleTabs(link: ConsoleLink | null, incoming: ConsoleLink | null): ConsoleTabs {
  const key = `mc.postgres.console.${parsePageLocation(window.location).itemId}`;
  const [state, setState] = useState(() => initialTabs(key, link));
  const latest = useRef(state);
  latest.current = state;
  useEffect(() => {
    const timer = window.setTimeout(() => writePreference(key, state), SAVE_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [key, state]);
  useEffect(() => {
    if (incoming) setState((before) => addTab(before, newId(), { text: incoming.statement, database: incoming.database }));
  }, [incoming]);
  useEffect(() => {
    const save = () => writePreference(key, latest.current);
    window.addEventListener("pagehide", save);
    return () => window.removeEventListener("pagehide", save);
  }, [key]);
  return {
    tabs: state.tabs,
    active: state.tabs.find((tab) => tab.id === state.activeId) ?? (state.tabs[0] as EditorTab),
    choose: (id) => setState((before) => ({ ...before, activeId: id })),
    add(init) {
      const id = newId();
      setState((before) => addTab(before, id, init));
      return id;
    },
    close: (id) => setState((before) => closeTab(before, id, newId())),
    change: (id, change) => setState((before) => changeTab(before, id, change)),
  };
}
