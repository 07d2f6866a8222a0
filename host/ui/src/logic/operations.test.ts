import { expect, test } from "vitest";
import { findOperation, listOperations, operationUrl, withQuery } from "./operations.ts";

const PLUGINS = [
  { name: "a b", operations: [{ name: "tail", scope: "config", params_schema: { "x-stream": true }, http: [{ method: "GET" }] }, { name: "about", scope: "global" }] },
  { name: "none", operations: null },
  { name: "old", operations: [{ name: "tail", params_schema: { "x-stream": true } }] },
];

test("a stream needs a route to follow it on", () => {
  expect(listOperations(PLUGINS).map((one) => [one.operation.name, one.isStream, one.isGlobal])).toEqual([["tail", true, false], ["about", false, true], ["tail", false, false]]);
});

test("results are asked of the host, streams of the plugin's route", () => {
  const tail = findOperation(PLUGINS, "a b", "tail");
  const about = findOperation(PLUGINS, "a b", "about");
  expect(tail && operationUrl(tail, "1", true)).toBe("/api/plugins/a%20b/proxy/tail?config_id=1&confirm=true");
  expect(about && operationUrl(about, null, false)).toBe("/api/plugins/a%20b/invoke/about");
  expect(findOperation(PLUGINS, "none", "tail")).toBeUndefined();
});

test("params of a stream that is read go into its query", () => {
  expect(withQuery("/x?config_id=1", { pod: ["a", "b"], n: 1, o: { k: 1 }, none: null })).toBe("/x?config_id=1&pod=a&pod=b&n=1&o=%7B%22k%22%3A1%7D");
  expect(withQuery("/x", {})).toBe("/x");
});
