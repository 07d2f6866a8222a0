import { expect, test } from "vitest";
import { parseConsoleLink } from "./consoleLink.ts";
import { resolveTab } from "./pageTabs.ts";

test("the reference's link seeds the console and runs when asked", () => {
  expect(parseConsoleLink("?config_id=1&q=select%201&run=1", "")).toEqual({ statement: "select 1", database: "", isRun: true });
  expect(parseConsoleLink("?config_id=1&q=select%201", "")?.isRun).toBe(false);
});

test("a link in the hash names its database", () => {
  expect(parseConsoleLink("?config_id=1", "#/console?q=select+2&database=app")).toEqual({ statement: "select 2", database: "app", isRun: false });
});

test("the search text of another tab is no statement", () => {
  expect(parseConsoleLink("?config_id=1", "#/sessions?q=lock")).toBeNull();
  expect(parseConsoleLink("?config_id=1&q=%20", "")).toBeNull();
});

test("addresses lead to tabs", () => {
  expect([resolveTab("", true), resolveTab("", false), resolveTab("nowhere", false)].map((tab) => tab.path)).toEqual(["console", "overview", "overview"]);
});
