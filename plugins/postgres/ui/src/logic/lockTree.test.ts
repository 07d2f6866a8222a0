import { expect, test } from "vitest";
import type { LockNode } from "../locks/api.ts";
import { holdingText, lockLines, nodeName, waitText } from "./lockTree.ts";

const node = (pid: number, more: Partial<LockNode> = {}): LockNode => ({ pid, kind: "backend", blockedCount: 0, isRoot: false, ...more });

test("the tree is read from the roots down", () => {
  const tree = [node(1, { isRoot: true, children: [node(2, { children: [node(3)] }), node(4)] }), node(5)];
  expect(lockLines(tree).map((line) => `${"-".repeat(line.depth)}${line.key}`)).toEqual(["1", "-2", "--3", "-4", "5"]);
});

test("a prepared transaction has a name and no pid", () => {
  expect([nodeName(node(7)), nodeName(node(0, { preparedGid: "tx-1" }))]).toEqual(["pid 7", "prepared tx-1"]);
});

test("waits and holds are words", () => {
  expect(waitText(node(1, { waitingFor: { lockType: "relation", mode: "AccessExclusiveLock", relation: "public.orders" } }))).toBe("AccessExclusiveLock on public.orders");
  expect(waitText(node(1, { waitingFor: { lockType: "transactionid", mode: "ShareLock", transactionId: 812 } }))).toBe("ShareLock on transaction 812");
  expect(waitText(node(1))).toBe("");
  const holding = ["a", "b", "c", "d"].map((relation) => ({ lockType: "relation", mode: "X", relation }));
  expect(holdingText(node(1, { holding }))).toBe("X on a, X on b, X on c and 1 more");
});
