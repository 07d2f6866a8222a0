import { expect, test } from "vitest";
import { jsonValue } from "./jsonValue.ts";

test("objects, arrays and texts that spell them are trees; the rest is text", () => {
  expect(jsonValue({ a: 1 })).toEqual({ a: 1 });
  expect(jsonValue(' [1, {"b": null}]')).toEqual([1, { b: null }]);
  expect([jsonValue("{1,2}"), jsonValue("12"), jsonValue(null), jsonValue(5)]).toEqual([undefined, undefined, undefined, undefined]);
});
