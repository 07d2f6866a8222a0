import { expect, test } from "vitest";
import type { Item } from "../api.ts";
import { askedFilters, groupLines, knownValues, typeLabel } from "./groups.ts";
import type { Filters } from "./route.ts";

function item(source: string, type: string, name: string): Item {
  return { id: name, name, type, source };
}

const ITEMS = [item("local", "PostgreSQL::Server", "app"), item("local", "PostgreSQL::Server", "b"), item("yaml", "PostgreSQL::Server", "c")];

test("a run of one source and type is a group, a folded one keeps its count", () => {
  const lines = groupLines(ITEMS, new Set(["local\nPostgreSQL::Server"]));
  expect(lines.map((line) => (line.kind === "group" ? `${line.source} ${line.count}` : line.item.name))).toEqual(["local 2", "yaml 1", "c"]);
});

test("the last group goes on when there are more items", () => {
  const heads = groupLines(ITEMS, new Set(), true).filter((line) => line.kind === "group");
  expect(heads.map((line) => line.isPartial)).toEqual([false, true]);
});

test("types have the words people use", () => {
  expect(["Kubernetes::Deployment", "Host::Process::Go", "PostgreSQL::Server"].map(typeLabel)).toEqual(["Deployment", "Go process", "PostgreSQL Server"]);
});

test("what can be chosen is what is there, and the chosen type even when nothing has it", () => {
  expect(knownValues(undefined, "X").types).toEqual(["X"]);
  const facets = { types: { T: 2 }, namespaces: { shop: 2 }, healths: {}, tags: { "team=pay": 2, "app=x": 1 } };
  expect(knownValues(facets, "T")).toEqual({ types: ["T"], namespaces: ["shop"], tags: ["app=x", "team=pay"] });
});

test("a value that is being typed may go on", () => {
  const known = { types: [], namespaces: ["shop"], tags: ["app=x"] };
  const asked = (filters: Filters) => askedFilters(filters, known);
  expect(["", "sh", "shop", "s*"].map((namespace) => asked({ namespace }).namespace)).toEqual([undefined, "sh*", "shop", "s*"]);
  expect(asked({ tag: "app=x, app=" })).toEqual({ tag: "app=x,app=*" });
});
