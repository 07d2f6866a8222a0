import { OperationError } from "@mission-control/plugin-ui/client";
import { expect, test } from "vitest";
import { errorFacts, errorRange } from "./errorPlace.ts";

function marked(text: string, line: number, column: number): string | null {
  const range = errorRange(new OperationError("x", { facts: { line, column } }), text);
  return range && text.slice(range.from, range.to);
}

test("the word at the error is marked, whole names and single marks alike", () => {
  expect(marked("select nme from t", 1, 8)).toBe("nme");
  expect(marked("-- c\nselect 1;\nselect \"No Such\" from t", 3, 8)).toBe('"No Such"');
  expect(marked("select ) from t", 1, 8)).toBe(")");
});

test("an error at the end marks the last character", () => expect(marked("select", 1, 7)).toBe("t"));

test("characters outside the basic plane count once", () => expect(marked("select '😀', nme", 1, 13)).toBe("nme"));

test("no place or one outside the text marks nothing", () => {
  expect(errorRange(new OperationError("x"), "select")).toBeNull();
  expect(marked("select", 9, 1)).toBeNull();
});

test("a hint is said once", () => {
  const error = new OperationError("x", { hint: "try y", facts: { hint: "try y", detail: "d", constraint: "k" } });
  expect(errorFacts(error)).toEqual([["detail", "d"], ["hint", "try y"], ["constraint", "k"]]);
});
