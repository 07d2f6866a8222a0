import { expect, test } from "vitest";
import { compareValues, parseSort, renderSort } from "./order.ts";

test("unknown values come last in both directions", () => {
  const values = [3, null, 1];
  expect([...values].sort((a, b) => compareValues(a, b, false))).toEqual([1, 3, null]);
  expect([...values].sort((a, b) => compareValues(a, b, true))).toEqual([3, 1, null]);
});

test("numbers inside text sort as numbers", () => {
  expect(["pod10", "pod2"].sort((a, b) => compareValues(a, b, false))).toEqual(["pod2", "pod10"]);
});

test("a sort survives the address", () => {
  expect(renderSort(parseSort("-age"))).toBe("-age");
  expect(parseSort("")).toBeNull();
});
