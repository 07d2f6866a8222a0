import { expect, test } from "vitest";
import { columnChars, gridText, isNumericType } from "./grid.ts";

test("figures are told from text and from arrays of figures", () => {
  expect(["INT4", "numeric", "int8", "float8", "text", "_int4", "int4[]", undefined].map(isNumericType)).toEqual([
    true, true, true, true, false, false, false, false,
  ]);
});

test("null, objects and texts have a one-line form", () => {
  expect([gridText(null), gridText({ a: [1] }), gridText("x"), gridText(false)]).toEqual(["NULL", '{"a":[1]}', "x", "false"]);
});

test("widths fit names and values within bounds", () => {
  const chars = columnChars([{ name: "id" }, { name: "a_longer_name", type: "TEXT" }, { name: "t" }, { name: "n", type: "INT4" }], [[1, "x", "y".repeat(500), 1]]);
  expect(chars).toEqual([5, 18, 48, 9]);
});
