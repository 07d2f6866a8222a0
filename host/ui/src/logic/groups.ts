import type { Facets, Item } from "../api.ts";
import { presentFilters, type Filters } from "./route.ts";

/** A line of the catalog list: the head of a group, or an item. */
export type ListLine =
  | { kind: "group"; key: string; type: string; source: string; count: number; isPartial: boolean; isFolded: boolean }
  | { kind: "item"; item: Item };

/** Return a type as people say it: `Kubernetes::Deployment` is `Deployment`, `PostgreSQL::Server` stays whole. */
export function typeLabel(type: string): string {
  const parts = type.split("::");
  if (parts[0] === "Kubernetes" && parts[1]) return parts.slice(1).join(" ");
  if (parts[0] === "Host" && parts[1] === "Process") return `${parts[2] ?? ""} process`.trim();
  return parts.join(" ");
}

/** Return the lines of the list: items come sorted by source, type and name, so a group is a run. */
export function groupLines(items: readonly Item[], folded: ReadonlySet<string>, hasMore = false): ListLine[] {
  const lines: ListLine[] = [];
  let group: Extract<ListLine, { kind: "group" }> | undefined;
  for (const item of items) {
    const key = `${item.source}\n${item.type}`;
    if (group?.key !== key) {
      group = { kind: "group", key, type: item.type, source: item.source, count: 0, isPartial: false, isFolded: folded.has(key) };
      lines.push(group);
    }
    group.count += 1;
    if (!group.isFolded) lines.push({ kind: "item", item });
  }
  if (group) group.isPartial = hasMore; // the next page goes on with it
  return lines;
}

/** The values that filters offer, in the order of their lists. */
export interface KnownValues {
  types: string[];
  namespaces: string[];
  tags: string[];
}

function withChosen(values: string[], chosen: string | undefined): string[] {
  return chosen && !values.includes(chosen) ? [...values, chosen].sort() : values;
}

/** Return what the catalog can be narrowed to, and the chosen type even when nothing has it. */
export function knownValues(facets: Facets | undefined, chosenType: string | undefined): KnownValues {
  return {
    types: withChosen(Object.keys(facets?.types ?? {}), chosenType),
    namespaces: Object.keys(facets?.namespaces ?? {}),
    tags: Object.keys(facets?.tags ?? {}).sort(),
  };
}

function asPattern(typed: string, known: readonly string[]): string {
  return !typed || known.includes(typed) || typed.includes("*") ? typed : `${typed}*`;
}

/** Return the filters as the host shall take them: a value that is not known may go on, as one types. */
export function askedFilters(filters: Filters, known: KnownValues): Filters {
  const tags = (filters.tag ?? "").split(",").map((tag) => asPattern(tag.trim(), known.tags));
  return presentFilters({ ...filters, namespace: asPattern(filters.namespace ?? "", known.namespaces), tag: tags.join(",") });
}
