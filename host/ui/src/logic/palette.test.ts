import { expect, test } from "vitest";
import { listChoices, matchesWords, type PaletteSources } from "./palette.ts";
import { addRecent, readRecent, type RecentEntry } from "./recent.ts";

const TAB = { plugin: "postgres", slug: "postgres", name: "Postgres", icon: undefined, path: "/" };
const QUERY = { plugin: "postgres", operation: { name: "query" }, isGlobal: false, isStream: false };
const item = (id: string, name: string) => ({ id, name, type: "T", source: "s" });
const visit = (id: string, name: string): RecentEntry => ({ key: `item ${id}`, label: name, hint: "T", place: { page: "item", itemId: id, tab: null } });
const choose = (text: string, sources: Partial<PaletteSources>) =>
  listChoices(text, { items: [], tabs: [], operations: [], recents: [], itemId: "here", ...sources }).map((choice) => `${choice.kind} ${choice.label}`);

test("every word must occur, in any order", () => {
  expect(matchesWords("Density: compact", "comp dens")).toBe(true);
  expect(matchesWords("Density: compact", "comp x")).toBe(false);
});

test("tabs, items and commands are offered in this order", () => {
  expect(choose("", { items: [item("1", "post")], tabs: [TAB] }).slice(0, 3)).toEqual(["tab Postgres", "item post", "command Catalog"]);
  expect(choose("plugins", { tabs: [TAB] })).toEqual(["command Plugins"]);
});

test("what is called as typed comes first, operations are found by name and plugin", () => {
  const items = [item("1", "my-query"), item("2", "query"), item("3", "querying")];
  expect(choose("query", { items, operations: [QUERY] })).toEqual(["item query", "operation query", "item querying", "item my-query"]);
  expect(choose("postgres que", { operations: [QUERY] })).toEqual(["operation query"]);
  expect(choose("", { operations: [QUERY] }).some((line) => line.startsWith("operation"))).toBe(false);
});

test("recently used comes first, what is on screen does not, equals are ordered by use", () => {
  const recents = [visit("here", "this"), visit("2", "two"), visit("9", "gone from the first page")];
  expect(choose("", { items: [item("1", "one"), item("2", "two")], recents }).slice(0, 3)).toEqual(["item two", "recent gone from the first page", "item one"]);
  expect(choose("t", { items: [item("1", "ten"), item("2", "two")], recents })[0]).toBe("item two");
  expect(choose("gone", { recents })).toEqual(["recent gone from the first page"]);
});

test("the list of recents keeps each once, newest first, and survives nonsense in the store", () => {
  const entries = addRecent(addRecent(addRecent([], visit("1", "a")), visit("2", "b")), visit("1", "a"));
  expect(entries.map((entry) => entry.key)).toEqual(["item 1", "item 2"]);
  expect(Array.from({ length: 50 }, (_, at) => visit(String(at), "x")).reduce(addRecent, [] as RecentEntry[])).toHaveLength(20);
  expect([readRecent("x"), readRecent([1, null, {}, entries[0]])]).toEqual([[], [entries[0]]]);
});
