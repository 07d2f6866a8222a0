import { expect, test } from "vitest";
import { completeSql } from "./completion.ts";

const SCHEMA = {
  tables: [
    { schema: "public", name: "orders", columns: [{ name: "id", dataType: "int8" }, { name: "Total", dataType: "numeric" }] },
    { schema: "public", name: "customers", columns: [{ name: "id", dataType: "int4" }, { name: "email", dataType: "text" }] },
    { schema: "audit", name: "log", columns: [{ name: "at", dataType: "timestamptz" }] },
  ],
};

/** Complete at the bar. */
function at(sql: string): string[] {
  const position = sql.indexOf("|");
  const found = completeSql(sql.replace("|", ""), position, SCHEMA, false);
  return found?.suggestions.map((one) => one.apply ?? one.label) ?? [];
}

test("after an alias come the columns of its table, quoted where needed", () => {
  expect(at("select o.| from orders o")).toEqual(["id", '"Total"']);
  expect(at("select c.e| from orders as o join customers as c on true")).toEqual(["id", "email"]);
});

test("after a schema come its tables, after a qualified table its columns", () => {
  expect(at("select * from audit.|")).toEqual(["log"]);
  expect(at("select audit.log.| from audit.log")).toEqual(["at"]);
});

test("a CTE is a table with the columns it selects or names", () => {
  expect(at("with big as (select id, sum(total) as amount from orders) select big.| from big")).toEqual(["id", "amount"]);
  expect(at("with t(a, b) as (select 1, 2), u as (select 3 c) select x.| from u x")).toEqual(["c"]);
  expect(at("with t(a, b) as (select 1, 2) select t.| from t")).toEqual(["a", "b"]);
});

test("columns of the statement's tables come first, and only of this statement", () => {
  const found = at("select em| from customers; select 1 from orders");
  expect(found.slice(0, 2)).toEqual(["id", "email"]);
  expect(found).not.toContain('"Total"');
  expect(found).toContain("orders");
});

test("strings, comments and numbers are left alone", () => {
  expect([at("select 'a|b'"), at("-- sel|"), at("select 12|")]).toEqual([[], [], []]);
});
