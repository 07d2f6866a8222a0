import { expect, test } from "vitest";
import { formatPercent, formatRate } from "./percent.ts";

test("shares are short and small ones are not nothing", () => {
  expect([99.24, 100, 0, 0.0421, null].map(formatPercent)).toEqual(["99.2 %", "100 %", "0 %", "0.04 %", "–"]);
});

test("rates have as many digits as they deserve", () => {
  expect([0, 0.0123, 3.456, 1234.5, undefined].map(formatRate)).toEqual(["0", "0.012", "3.5", (1235).toLocaleString(), "–"]);
});
