import { expect, test } from "vitest";
import { medianCost, nextIntervalMs } from "./polling.ts";

test("a cheap answer keeps the asked pace", () => expect(nextIntervalMs(2000, 12, 0)).toBe(2000));
test("a dear answer slows the pace to 100 times its cost", () => expect(nextIntervalMs(2000, 43, 0)).toBe(5000));
test("failures double the wait up to a minute", () => {
  expect([0, 1, 2, 9].map((failures) => nextIntervalMs(2000, 0, failures))).toEqual([2000, 4000, 8000, 60_000]);
});
test("one slow answer among fast ones does not count", () => expect(medianCost([10, 900, 12])).toBe(12));
test("no answer yet, and the first one, cost nothing", () => expect([medianCost([]), medianCost([900]), medianCost([900, 8])]).toEqual([0, 0, 8]));
