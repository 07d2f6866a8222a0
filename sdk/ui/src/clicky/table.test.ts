import { expect, test } from "vitest";
import { plainText } from "./node.ts";
import { filterOptions, filterRows, readTable, sortRows, tagTexts } from "./table.ts";

const text = (value: string, more = {}) => ({ kind: "text", text: value, ...more });
const TABLE = {
  kind: "table",
  autoFilter: true,
  columns: [{ name: "podName", sortable: true }, { name: "restarts", label: "Restarts", sortable: true, align: "right" }, { name: "app.labels" }, { name: "state", sortKey: "rank", sortable: true }],
  rows: [
    { cells: { podName: text("b"), restarts: text("1,204"), state: text("up"), rank: text("2") }, detail: text("more") },
    { cells: { podName: text("a"), restarts: text("9"), state: text("down"), rank: text("10") } },
    { cells: { podName: text("c"), restarts: text(""), state: text("up"), rank: text("1") } },
  ],
};
const model = readTable(TABLE);
const names = (rows: typeof model.rows) => rows.map((row) => plainText(row.cells.podName));

test("headers are said in words, tags are known by name, details are kept", () => {
  expect(model.columns.map((column) => [column.label, column.kind])).toEqual([["Pod Name", "plain"], ["Restarts", "plain"], ["App.labels", "tags"], ["State", "plain"]]);
  expect(model.rows[0]?.detail).toEqual(text("more"));
  expect(model.firstSort).toEqual({ column: "podName", isDescending: false });
  expect(readTable({ ...TABLE, isServerSorted: true }).firstSort).toBeNull();
});

test("figures sort as figures, missing ones last, a sort key decides", () => {
  expect(names(sortRows(model, { column: "restarts", isDescending: true }))).toEqual(["b", "a", "c"]);
  expect(names(sortRows(model, { column: "state", isDescending: false }))).toEqual(["c", "b", "a"]);
  expect(names(sortRows(model, null))).toEqual(["b", "a", "c"]);
});

test("rows are narrowed by words and by values that repeat", () => {
  const state = model.columns[3];
  expect(state && filterOptions(model, state)).toEqual(["down", "up"]);
  expect(model.columns[0] && filterOptions(model, model.columns[0])).toEqual([]);
  expect(names(filterRows(model.rows, model, "1,2 b", {}))).toEqual(["b"]);
  expect(names(filterRows(model.rows, model, "", { state: "up" }))).toEqual(["b", "c"]);
});

test("rows of structs only are cards", () => {
  const map = { kind: "map", fields: [{ name: "a", value: text("1") }] };
  expect(readTable({ kind: "table", columns: [{ name: "x" }], rows: [{ cells: { x: map } }] }).isCards).toBe(true);
  expect(readTable({ kind: "table", columns: [{ name: "x" }], rows: [{ cells: { x: text("1") } }] }).isCards).toBe(false);
});

test("tags come from maps, lists and text", () => {
  expect(tagTexts({ kind: "map", fields: [{ name: "app", value: text("x") }] })).toEqual(["app=x"]);
  expect(tagTexts({ kind: "list", items: [text("a"), "b"] })).toEqual(["a", "b"]);
  expect(tagTexts(text("a=1, b=2"))).toEqual(["a=1", "b=2"]);
});

test("nonsense is an empty table", () => {
  const broken = readTable({ kind: "table", columns: [1, {}, null], rows: "x" });
  expect([broken.columns, broken.rows]).toEqual([[], []]);
});
