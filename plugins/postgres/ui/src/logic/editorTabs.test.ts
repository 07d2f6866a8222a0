import { expect, test } from "vitest";
import { addTab, changeTab, closeTab, restoreTabs } from "./editorTabs.ts";

test("nothing or rubbish stored gives one empty tab", () => {
  for (const stored of [null, {}, { tabs: "x" }, { tabs: [{ id: 1 }] }]) {
    const state = restoreTabs(stored, "a");
    expect(state).toMatchObject({ activeId: "a", tabs: [{ id: "a", title: "Query 1", text: "", rowLimit: 1000 }] });
  }
});

test("a new tab follows the active one and keeps its database", () => {
  const one = changeTab(restoreTabs(null, "a"), "a", { database: "app" });
  const two = addTab(one, "b", { text: "select 1" });
  expect(two.activeId).toBe("b");
  expect(two.tabs[1]).toMatchObject({ title: "Query 2", database: "app", text: "select 1" });
});

test("closing chooses the neighbour, and never leaves none", () => {
  const three = addTab(addTab(restoreTabs(null, "a"), "b"), "c");
  expect(closeTab(three, "c", "x").activeId).toBe("b");
  expect(closeTab(three, "a", "x").activeId).toBe("c");
  expect(closeTab(restoreTabs(null, "a"), "a", "x").tabs.map((tab) => tab.id)).toEqual(["x"]);
});
