import { expect, test } from "vitest";
import { parseHash, renderHash, withParams } from "./hash.ts";

test("a view survives writing and reading", () => {
  const view = parseHash("#/sessions?state=active&q=a%20b");
  expect(view.path).toBe("sessions");
  expect(view.params.get("q")).toBe("a b");
  expect(renderHash(view)).toBe("/sessions?state=active&q=a+b");
});

test("no slash, no hash and no query are read too", () => {
  expect(parseHash("console").path).toBe("console");
  expect(parseHash("").path).toBe("");
});

test("empty values leave the address", () => {
  const params = withParams(new URLSearchParams("a=1&b=2"), { a: null, c: "3", d: "" });
  expect(renderHash({ path: "x", params })).toBe("/x?b=2&c=3");
});
