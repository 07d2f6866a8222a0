import { expect, test } from "vitest";
import { remember, searchHistory, type HistoryEntry } from "./history.ts";

const entry = (text: string, database = "app", atMs = 1): HistoryEntry => ({ text, database, mode: "read", atMs });

test("the same text moves to the top, per database", () => {
  const history = remember([entry("b"), entry("a"), entry("a", "other")], entry("a", "app", 2));
  expect(history.map((one) => `${one.text} ${one.database} ${one.atMs}`)).toEqual(["a app 2", "b app 1", "a other 1"]);
});

test("it is bounded", () => {
  const long = Array.from({ length: 300 }, (_, index) => entry(`q${index}`));
  expect(remember(long, entry("new"))).toHaveLength(200);
});

test("search takes words in any order, of one database or of all", () => {
  const history = [entry("select 1 from orders"), entry("select 2", "other")];
  expect(searchHistory(history, "", "SELECT")).toHaveLength(2);
  expect(searchHistory(history, "app", "orders select")).toHaveLength(1);
  expect(searchHistory(history, "other", "orders")).toHaveLength(0);
});
