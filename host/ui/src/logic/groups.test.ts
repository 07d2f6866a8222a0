import { expect, test } from "vitest";
import type { Item } from "../api.ts";
import { groupLines, knownTypes, typeLabel } from "./groups.ts";

function item(source: string, type: string, name: string): Item {
  return { id: name, name, type, source };
}

const ITEMS = [item("local", "PostgreSQL::Server", "app"), item("local", "PostgreSQL::Server", "b"), item("yaml", "PostgreSQL::Server", "c")];

test("a run of one source and type is a group, a folded one keeps its count", () => {
  const lines = groupLines(ITEMS, new Set(["local\nPostgreSQL::Server"]));
  expect(lines.map((line) => (line.kind === "group" ? `${line.source} ${line.count}` : line.item.name))).toEqual(["local 2", "yaml 1", "c"]);
});

test("types have the words people use", () => {
  expect(["Kubernetes::Deployment", "Host::Process::Go", "PostgreSQL::Server"].map(typeLabel)).toEqual(["Deployment", "Go process", "PostgreSQL Server"]);
});

test("a chosen type is listed even when nothing matches it", () => expect(knownTypes([], "X")).toEqual(["X"]));
