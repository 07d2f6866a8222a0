import type { DrawItem } from "../protocol.ts";
import { fieldText, flattenFields, parseFields, type Fields } from "./fields.ts";

export const MOST_COLUMNS = 8;
const MOST_CHARS = 32;
const LEAST_CHARS = 4;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** A field that stands in a column of its own, as wide as what was seen in it. */
export interface FieldColumn {
  name: string;
  chars: number;
  isNumeric: boolean;
}

/** Lines are read into fields when they are drawn, and once. */
const known = new WeakMap<DrawItem, Map<string, string>>();

/** Return the fields of a drawn line by their dotted names; none for plain text. */
export function fieldsOf(item: DrawItem): Map<string, string> {
  let fields = known.get(item);
  if (!fields) {
    const found: Fields | null = item.rule ? null : (item.extra?.fields ?? parseFields(item.text));
    fields = new Map(found ? flattenFields(found).map(([name, value]) => [name, fieldText(value)]) : []);
    known.set(item, fields);
  }
  return fields;
}

/** Return the columns widened by what these lines have: a column never gets narrower while one scrolls. */
export function fitColumns(names: readonly string[], items: readonly DrawItem[], before: readonly FieldColumn[]): FieldColumn[] {
  return names.slice(0, MOST_COLUMNS).map((name) => {
    const values = items.map((item) => fieldsOf(item).get(name)).filter((value) => value !== undefined);
    const old = before.find((one) => one.name === name);
    const chars = Math.max(LEAST_CHARS, name.length, old?.chars ?? 0, ...values.map((value) => value.length));
    return { name, chars: Math.min(MOST_CHARS, chars), isNumeric: values.length ? values.every((value) => NUMBER.test(value)) : (old?.isNumeric ?? false) };
  });
}

/** Return the names of the fields in these lines, the most frequent first, with how many lines have each. */
export function countFields(items: readonly DrawItem[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const item of items) for (const name of fieldsOf(item).keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.entries()].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
