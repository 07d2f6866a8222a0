import { expect, test } from "vitest";
import { listChoices, matchesWords } from "./palette.ts";

const TAB = { plugin: "postgres", slug: "postgres", name: "Postgres", icon: undefined, path: "/" };

test("every word must occur, in any order", () => {
  expect(matchesWords("Density: compact", "comp dens")).toBe(true);
  expect(matchesWords("Density: compact", "comp x")).toBe(false);
});

test("tabs, items and commands are offered in this order", () => {
  const item = { id: "1", name: "post", type: "T", source: "s" };
  expect(listChoices("", [item], [TAB]).slice(0, 3).map((choice) => choice.kind)).toEqual(["tab", "item", "command"]);
  expect(listChoices("plugins", [], [TAB]).map((choice) => choice.label)).toEqual(["Plugins"]);
});
