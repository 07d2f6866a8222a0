import { expect, test } from "vitest";
import { sparklinePoints } from "./sparkline.ts";

test("lowest at the bottom, highest at the top, gaps left out", () => {
  expect(sparklinePoints([0, null, 10])).toEqual([{ x: 0, y: 18 }, { x: 80, y: 2 }]);
});

test("a steady line lies at the bottom, a single value is none", () => {
  expect(sparklinePoints([5, 5]).map(({ y }) => y)).toEqual([18, 18]);
  expect(sparklinePoints([5])).toEqual([]);
  expect(sparklinePoints([null, null])).toEqual([]);
});
