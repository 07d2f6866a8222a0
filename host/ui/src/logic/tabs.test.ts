import { expect, test } from "vitest";
import { findTab, frameUrl, listTabs } from "./tabs.ts";

const TABS = listTabs([
  { name: "logs", tabs: [{ name: "Logs", path: "/" }, { name: "Logs", path: "/b" }] },
  { name: "postgres", tabs: [{ name: "Postgres", path: "" }] },
  { name: "no-tabs", tabs: null },
]);

test("tabs are addressed by slug, and by position when names repeat", () => {
  expect(TABS.map((tab) => `${tab.plugin}/${tab.slug}`)).toEqual(["logs/logs", "logs/1", "postgres/postgres"]);
  expect(findTab(TABS, "postgres", "0")?.name).toBe("Postgres");
  expect(findTab(TABS, "postgres", "gone")).toBeUndefined();
});

test("a frame's address has a slash, the item and the view", () => {
  expect(frameUrl("a b", { plugin: "sql-server", path: "" }, "")).toBe("/api/plugins/sql-server/ui/?config_id=a%20b");
  expect(frameUrl("1", { plugin: "x", path: "t" }, "/sessions?q=1")).toBe("/api/plugins/x/ui/t?config_id=1#/sessions?q=1");
});
