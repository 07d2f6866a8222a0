import type { Item } from "../api.ts";

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

/** What the list can be narrowed to, as far as it is loaded. */
export interface KnownValues {
  types: string[];
  namespaces: string[];
  tags: string[];
}

const MAX_TAGS = 200;

/** Return the values present, and the chosen type even when nothing matches it. */
export function knownValues(items: readonly Item[], chosenType: string | undefined, elsewhere?: KnownValues): KnownValues {
  const types = new Set([...(elsewhere?.types ?? []), ...(chosenType ? [chosenType] : [])]);
  const namespaces = new Set(elsewhere?.namespaces);
  const tags = new Set(elsewhere?.tags);
  for (const item of items) {
    types.add(item.type);
    if (item.namespace) namespaces.add(item.namespace);
    if (tags.size < MAX_TAGS) for (const [key, value] of Object.entries({ ...item.labels, ...item.tags })) tags.add(`${key}=${value}`);
  }
  return { types: [...types].sort(), namespaces: [...namespaces].sort(), tags: [...tags].sort() };
}
