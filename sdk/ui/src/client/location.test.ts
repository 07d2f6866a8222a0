import { expect, test } from "vitest";
import { parsePageLocation, pathSegment, queryString } from "./location.ts";

test("plugin, item and base are read from a page's address", () => {
  expect(parsePageLocation({ pathname: "/base/api/plugins/sql%20x/ui/tab", search: "?config_id=42&q=1" })).toEqual({ base: "/base", plugin: "sql x", itemId: "42" });
  expect(parsePageLocation({ pathname: "/api/plugins/postgres/ui", search: "?config_id=42" }).plugin).toBe("postgres");
});

test("an address without plugin or item throws", () => {
  expect(() => parsePageLocation({ pathname: "/", search: "?config_id=42" })).toThrow("plugin-ui-sdk");
  expect(() => parsePageLocation({ pathname: "/api/plugins/x/ui/", search: "" })).toThrow("config_id");
});

test("a segment is neither blank nor a path", () => {
  expect(pathSegment("operation", "a b")).toBe("a%20b");
  expect(() => pathSegment("operation", " ")).toThrow("blank");
  expect(() => pathSegment("operation", "a/b")).toThrow("one path segment");
});

test("arrays repeat, nothing is skipped but null, and config_id cannot be overridden", () => {
  expect(queryString("42", { a: [1, 2], b: null, c: undefined, d: false, config_id: "other" })).toBe("?config_id=42&a=1&a=2&d=false");
  expect(queryString(undefined, {})).toBe("");
});
