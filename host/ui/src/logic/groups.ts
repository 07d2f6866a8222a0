import type { Item } from "../api.ts";

/** A line of the catalog list: the head of a group, or an item. */
export type ListLine =
  | { kind: "group"; key: string; type: string; source: string; count: number; isFolded: boolean }
  | { kind: "item"; item: Item };

/** Return a type as people say it: `Kubernetes::Deployment` is `Deployment`, `PostgreSQL::Server` stays whole. */
export function typeLabel(type: string): string {
  const parts = type.split("::");
  if (parts[0] === "Kubernetes" && parts[1]) return parts.slice(1).join(" ");
  if (parts[0] === "Host" && parts[1] === "Process") return `${parts[2] ?? ""} process`.trim();
  return parts.join(" ");
}

/** Return the lines of the list: items come sorted by source, type and name, so a group is a run. */
export function groupLines(items: readonly Item[], folded: ReadonlySet<string>): ListLine[] {
  const lines: ListLine[] = [];
  let group: Extract<ListLine, { kind: "group" }> | undefined;
  for (const item of items) {
    const key = `${item.source}\n${item.type}`;
    if (group?.key !== key) {
      group = { kind: "group", key, type: item.type, source: item.source, count: 0, isFolded: folded.has(key) };
      lines.push(group);
    }
    group.count += 1;
    if (!group.isFolded) lines.push({ kind: "item", item });
  }
  return lines;
}

/** Return the types present, and the chosen one even when nothing matches it. */
export function knownTypes(items: readonly Item[], chosen: string | undefined): string[] {
  const types = new Set(items.map((item) => item.type));
  if (chosen) types.add(chosen);
  return [...types].sort();
}
