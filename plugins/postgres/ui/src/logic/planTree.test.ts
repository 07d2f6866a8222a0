import { expect, test } from "vitest";
import type { PlanNode } from "../plan/api.ts";
import { estimateText, firstChosen, flagText, planLines } from "./planTree.ts";

const node = (id: string, more: Partial<PlanNode> = {}): PlanNode => ({ id, nodeType: "Seq Scan", label: id, cost: 1, rowsPlanned: 1, costPct: 0, details: [], flags: [], children: [], ...more });

test("a plan is read from the top down", () => {
  const tree = node("0", { children: [node("0.0", { children: [node("0.0.0")] }), node("0.1")] });
  expect(planLines(tree).map(({ node: one, depth }) => `${String(depth)} ${one.id}`)).toEqual(["0 0", "1 0.0", "2 0.0.0", "1 0.1"]);
  expect(planLines(undefined)).toEqual([]);
});

test("the slowest node is chosen at once, without times the dearest", () => {
  const slow = node("0", { children: [node("0.0", { flags: ["slowest"] }), node("0.1", { selfPct: 90 })] });
  expect(firstChosen(planLines(slow))?.node.id).toBe("0.0");
  expect(firstChosen(planLines(node("0", { costPct: 10, children: [node("0.0", { costPct: 80 })] })))?.node.id).toBe("0.0");
});

test("a wrong estimate is said in words, a near one not at all", () => {
  expect([undefined, 1.5, 2.04, 340.2, 0.01, 0].map(estimateText)).toEqual(["", "", "2 x more", "340 x more", "100 x fewer", ""]);
  expect([flagText("spill"), flagText("some_new")]).toEqual(["spills to disk", "some new"]);
});
