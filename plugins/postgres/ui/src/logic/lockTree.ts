import type { LockNode } from "../locks/api.ts";

/** A node as a line: how deep it stands, and which lines it is told apart by. */
export interface LockLine {
  key: string;
  depth: number;
  node: LockNode;
}

export function nodeKey(node: LockNode): string {
  return node.pid ? String(node.pid) : `prepared:${node.preparedGid ?? ""}`;
}

/** Return the tree as lines, roots first, those under them deeper. */
export function lockLines(roots: readonly LockNode[], depth = 0): LockLine[] {
  return roots.flatMap((node) => [{ key: nodeKey(node), depth, node }, ...lockLines(node.children ?? [], depth + 1)]);
}

/** Return who a node is: `pid 4711`, or the prepared transaction's own name. */
export function nodeName(node: LockNode): string {
  return node.pid ? `pid ${String(node.pid)}` : `prepared ${node.preparedGid ?? "transaction"}`;
}

/** Return what a node waits for, in words. */
export function waitText(node: LockNode): string {
  const wait = node.waitingFor;
  if (!wait) return "";
  const on = wait.relation ?? (wait.transactionId === undefined ? wait.lockType : `transaction ${String(wait.transactionId)}`);
  const row = wait.tuple === undefined ? "" : ", row";
  return `${wait.mode} on ${on}${row}`;
}

/** Return what a root holds of what others may want: the strongest first, a few at most. */
export function holdingText(node: LockNode): string {
  const held = (node.holding ?? []).filter((lock) => lock.relation).map((lock) => `${lock.mode} on ${lock.relation ?? ""}`);
  const rest = held.length - 3;
  return held.slice(0, 3).join(", ") + (rest > 0 ? ` and ${String(rest)} more` : "");
}
