import { stripAnsi } from "../logic/ansi.ts";
import { fieldText, flattenFields, parseFields } from "../logic/fields.ts";
import { compileSearch } from "../logic/patterns.ts";
import type { FieldTerm, FilterSpec } from "../protocol.ts";
import type { Item } from "./item.ts";
import type { PatternTable } from "./patterns.ts";

export const PASSES_REST = 1;
export const PASSES_LEVEL = 2;
export const PASSES_TIME = 4;
export const PASSES_ALL = 7;

export interface CompiledFilter {
  mask: (item: Item) => number;
  isHit: (item: Item) => boolean;
  badPattern: string;
}

function hasTerm(item: Item, term: FieldTerm): boolean {
  const fields = item.extra?.fields ?? (item.text.includes(term.name.split(".").at(-1) ?? "") ? parseFields(item.text) : null);
  const isSame = fields !== null && flattenFields(fields).some(([name, value]) => name === term.name && fieldText(value) === term.value);
  return isSame !== term.isNot;
}

function matches(pattern: RegExp, item: Item): boolean {
  if (pattern.test(stripAnsi(item.rule ? item.rule.text : item.text))) return true;
  return item.tail?.some((line) => pattern.test(stripAnsi(line))) ?? false;
}

/** Return the tests that a filter means; `indexes` gives sources by their keys, `patterns` lines their patterns. */
export function compileFilter(spec: FilterSpec, indexes: (keys: readonly string[]) => Set<number>, patterns: PatternTable): CompiledFilter {
  let pattern: RegExp | null = null;
  let badPattern = "";
  try {
    pattern = compileSearch(spec);
  } catch (thrown) {
    badPattern = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const hidden = indexes(spec.hiddenSources);
  const only = spec.onlySources && indexes(spec.onlySources);
  const hiddenLevels = new Set(spec.hiddenLevels);
  const group = spec.pattern && patterns.number(spec.pattern);
  const wanted = spec.mode === "filter" ? pattern : null;
  const passesRest = (item: Item): boolean => {
    if (hidden.has(item.source) || (only && item.source >= 0 && !only.has(item.source))) return false;
    if (item.rule) {
      if (item.rule.kind === "event") return spec.hasEvents && (!wanted || matches(wanted, item));
      return true;
    }
    if (wanted && !matches(wanted, item)) return false;
    if (group && patterns.of(item) !== group) return false;
    return spec.terms.every((term) => hasTerm(item, term));
  };
  const passesTime = (item: Item): boolean => (!spec.from || item.key >= spec.from) && (!spec.to || item.key < spec.to);
  return {
    badPattern,
    isHit: (item) => pattern !== null && !item.rule && matches(pattern, item),
    mask: (item) =>
      (passesRest(item) ? PASSES_REST : 0) |
      (item.rule || !hiddenLevels.has(item.level) ? PASSES_LEVEL : 0) |
      (passesTime(item) ? PASSES_TIME : 0),
  };
}
