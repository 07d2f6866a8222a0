import type { PlanNode } from "../plan/api.ts";

export interface PlanLine {
  node: PlanNode;
  depth: number;
}

/** Return the plan as lines, each node above those it reads from. */
export function planLines(node: PlanNode | undefined, depth = 0): PlanLine[] {
  if (!node) return [];
  return [{ node, depth }, ...node.children.flatMap((child) => planLines(child, depth + 1))];
}

/** Return the node one wants to see at once: the slowest, else the dearest. */
export function firstChosen(lines: readonly PlanLine[]): PlanLine | undefined {
  const weight = ({ node }: PlanLine) => node.selfPct ?? node.costPct;
  return lines.find(({ node }) => node.flags.includes("slowest")) ?? [...lines].sort((a, b) => weight(b) - weight(a))[0];
}

/** Return how far the planner was off, in words: `12 x more`, `340 x fewer`; nothing when it was near. */
export function estimateText(factor: number | undefined): string {
  if (factor === undefined || factor <= 0) return "";
  const times = factor >= 1 ? factor : 1 / factor;
  if (times < 2) return "";
  return `${times >= 10 ? String(Math.round(times)) : String(Math.round(times * 10) / 10)} x ${factor >= 1 ? "more" : "fewer"}`;
}

const FLAGS: Record<string, string> = {
  slowest: "slowest",
  misestimate: "misestimated",
  spill: "spills to disk",
  filtered: "throws rows away",
  never_executed: "never executed",
  lossy: "lossy bitmap",
  jit: "JIT",
  workers_missing: "fewer workers than planned",
};

export function flagText(flag: string): string {
  return FLAGS[flag] ?? flag.replaceAll("_", " ");
}
