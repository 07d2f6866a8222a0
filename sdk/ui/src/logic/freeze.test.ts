import { expect, test } from "vitest";
import { holdOrder } from "./freeze.ts";

const keyOf = (row: { id: string }) => row.id;

test("rows keep their place, take new data, leave ghosts, and new ones come last", () => {
  const before = [{ id: "a", n: 1 }, { id: "b", n: 1 }].map((row) => ({ row, isGone: false }));
  const held = holdOrder(before, [{ id: "c", n: 2 }, { id: "b", n: 2 }], keyOf);
  expect(held.map(({ row, isGone }) => `${row.id}${row.n}${isGone ? " gone" : ""}`)).toEqual(["a1 gone", "b2", "c2"]);
});

test("a ghost that returns is a row again", () => {
  const held = holdOrder([{ row: { id: "a" }, isGone: true }], [{ id: "a" }], keyOf);
  expect(held).toEqual([{ row: { id: "a" }, isGone: false }]);
});
