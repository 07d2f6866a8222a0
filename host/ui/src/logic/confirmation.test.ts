import { expect, test } from "vitest";
import { mustConfirm } from "./confirmation.ts";

const QUERY = { name: "query", destructive: true, params_schema: { "x-destructive-when": { mode: ["write"] } } };

test("what changes things is confirmed", () => {
  expect([mustConfirm({ name: "wipe", destructive: true }, {}), mustConfirm({ name: "list" }, {})]).toEqual([true, false]);
});

test("what changes things only sometimes is confirmed then, however it is spelt", () => {
  expect([{}, { mode: "read" }, { mode: "write" }, { MODE: " Write" }, { mode: null }].map((params) => mustConfirm(QUERY, params))).toEqual([false, false, true, true, false]);
});
