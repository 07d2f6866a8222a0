import { expect, test } from "vitest";
import { convertJson, readClicky } from "./convert.ts";
import { labelOf, prettyName } from "./names.ts";
import { plainText } from "./node.ts";
import { readTable } from "./table.ts";

const headers = (value: unknown) => readTable(readClicky(value)).columns.map((column) => column.label);

test("a document, a bare node and any JSON are told apart", () => {
  expect(readClicky({ version: 1, metadata: {}, node: { kind: "text", text: "a" } })).toEqual({ kind: "text", text: "a" });
  expect(readClicky({ kind: "badge", badgeValue: "x" }).kind).toBe("badge");
  expect(readClicky({ version: 1, node: { kind: "brand-new", x: 1 } }).kind).toBe("brand-new");
  expect(readClicky({ kind: "Pod", metadata: { name: "a" } }).kind).toBe("map"); // a Kubernetes object is data
  expect(readClicky([]).kind).toBe("text");
});

test("objects become a table: the name first, moments last, empty columns left out", () => {
  const rows = [
    { startedAt: "2026-01-02T03:04:05Z", pid: 7, name: "a", durationMs: 3400, wait: null },
    { startedAt: "2026-01-02T03:04:06Z", pid: 8, name: "b", durationMs: 12, sizeBytes: 2048 },
  ];
  expect(headers(rows)).toEqual(["Name", "PID", "Duration", "Size", "Started At"]);
  const [first] = readTable(readClicky(rows)).rows;
  expect(plainText(first?.cells.durationMs)).toBe("3.4 s");
  expect(first?.cells.durationMs).toMatchObject({ value: 3400, tooltip: "3400 ms" });
});

test("columns and rows keep their order, the rest is listed below", () => {
  const node = readClicky({ columns: [{ name: "n" }, "name"], rows: [[1, "x"], { n: 2, name: "y" }], rowCount: 2 });
  expect(node.kind).toBe("list");
  const [table, rest] = node.items as [never, never];
  expect(readTable(table).columns.map((column) => column.name)).toEqual(["n", "name"]);
  expect(plainText(rest)).toContain("Row Count=2");
});

test("an object is a map, figures that count get separators, names of things do not", () => {
  const node = readClicky({ ok: true, rows: 12408, pid: 12408, parts: [1, "a"], none: null });
  expect(plainText(node)).toBe("Ok=true, Rows=12,408, PID=12408, Parts=1, a, None=");
});

test("nodes inside of data are drawn as nodes, deep data ends as JSON", () => {
  expect(convertJson([{ kind: "text", text: "a" }, { kind: "badge" }]).kind).toBe("list");
  let deep: unknown = 1;
  for (let level = 0; level < 9; level += 1) deep = { deep };
  expect(JSON.stringify(convertJson(deep))).toContain('"kind":"json"');
});

test("keys are said in words", () => {
  expect(["backendStart", "query_id", "xactAgeMs", "HTTPServer"].map(prettyName)).toEqual(["Backend Start", "Query ID", "Xact Age Ms", "HTTP Server"]);
  expect(["xactAgeMs", "total_bytes", "forms"].map(labelOf)).toEqual(["Xact Age", "Total", "Forms"]);
});
