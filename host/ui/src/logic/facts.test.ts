import { expect, test } from "vitest";
import { itemFacts } from "./facts.ts";

test("status first, short properties, then labels", () => {
  const facts = itemFacts({
    id: "1", name: "app", type: "T", source: "s", status: "running",
    properties: { version: "16.4", port: 5432, nested: { a: 1 }, long: "x".repeat(99) }, labels: { team: "pay" }, config: null,
  });
  expect(facts.map((fact) => fact.text)).toEqual(["running", "version 16.4", "port 5432", "team=pay"]);
});
