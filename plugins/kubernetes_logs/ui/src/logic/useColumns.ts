import { parsePageLocation, usePreference } from "@mission-control/plugin-ui";
import { useEffect, useRef } from "preact/hooks";
import { drawnItems, useListValue, type LogWindow } from "../list/useLogWindow.ts";
import { fitColumns, MOST_COLUMNS, type FieldColumn } from "./columns.ts";
import type { ViewControl } from "./useView.ts";

export interface Columns {
  all: readonly FieldColumn[];
  toggle: (name: string) => void;
}

const NO_NAMES: readonly string[] = [];
const MOST_ITEMS = 50;

/** The fields in columns of their own: held by the address, remembered for the item, as wide as what is in sight needs. */
export function useColumns(list: LogWindow, { view, setView }: ViewControl): Columns {
  const { itemId } = parsePageLocation(window.location);
  const [remembered, remember] = usePreference<Record<string, readonly string[]>>("mc.klogs.columns", {});
  const before = useRef<FieldColumn[]>([]);
  const names = view.columns;
  const start = useRef({ names, old: remembered[itemId] ?? NO_NAMES, setView });
  useEffect(() => {
    const { names: asked, old, setView: put } = start.current;
    if (!asked.length && old.length) put({ columns: [...old] });
  }, []);
  const text = useListValue(list, (one) => {
    before.current = fitColumns(names, names.length ? drawnItems(one) : [], before.current);
    return JSON.stringify(before.current);
  });
  const toggle = (name: string) => {
    const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name].slice(-MOST_COLUMNS);
    const others = Object.entries(remembered).filter(([id]) => id !== itemId);
    remember(Object.fromEntries([...others.slice(1 - MOST_ITEMS), [itemId, next]]));
    setView({ columns: next });
  };
  const fitted = JSON.parse(text) as FieldColumn[];
  const isCurrent = fitted.length === names.length && names.every((name, at) => fitted[at]?.name === name);
  return { all: isCurrent ? fitted : fitColumns(names, drawnItems(list), before.current), toggle };
}
