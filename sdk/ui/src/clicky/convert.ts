import { formatBytes, formatDuration, formatExactTime, formatTime, oneLine, parseTime } from "../logic/format.ts";
import { keyUnit, labelOf, readingOrder } from "./names.ts";
import { asNode, isKnownNode, isRecord, listOf, textOf, type ClickyNode, type JsonRecord } from "./node.ts";

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;
/** Deeper data is a tree that opens. */
const MAX_MAP_DEPTH = 3;
const MAX_SCALARS_IN_CELL = 12;
const MAX_CELL_CHARS = 60;

/** Return the node to draw for an answer: a document's own, a bare node, or any other JSON as table, map or list. */
export function readClicky(value: unknown): ClickyNode {
  if (isRecord(value) && typeof value.version === "number" && isRecord(value.node) && typeof value.node.kind === "string") {
    return asNode(value.node);
  }
  if (isKnownNode(value)) return value;
  return convertJson(value);
}

function isScalar(value: unknown): boolean {
  return value === null || value === undefined || typeof value !== "object";
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Return a scalar as people read it; `value` keeps what sorting needs. */
export function convertScalar(value: unknown, key = ""): ClickyNode {
  if (value === null || value === undefined) return { kind: "text", text: "" };
  const unit = typeof value === "number" ? keyUnit(key) : null;
  if (unit) return { kind: "text", text: unit === "ms" ? formatDuration(value as number) : formatBytes(value as number), tooltip: `${String(value)} ${unit}`, value };
  if (typeof value === "string" && MOMENT.test(value)) {
    const time = parseTime(value);
    return { kind: "text", text: formatTime(time), tooltip: formatExactTime(time), value: time?.getTime() ?? "" };
  }
  if (typeof value === "number") return { kind: "text", text: Number.isInteger(value) && Math.abs(value) >= 10_000 && !isIdentifier(key) ? value.toLocaleString() : String(value), tooltip: String(value), value };
  return { kind: "text", text: String(value), value };
}

/** Figures that name something are not counted, so they get no separators. */
function isIdentifier(key: string): boolean {
  return /(?:^|[a-z_])(?:id|pid|oid|port|year|code|num|number|version)$/i.test(key);
}

function convertCell(value: unknown, key: string): ClickyNode {
  if (typeof value === "string" && value.includes("\n")) return convertScalar(oneLine(value), key);
  if (isScalar(value)) return convertScalar(value, key);
  if (isKnownNode(value)) return value;
  if (isEmpty(value)) return { kind: "text", text: "" };
  if (Array.isArray(value) && value.length <= MAX_SCALARS_IN_CELL && value.every(isScalar)) return { kind: "text", text: value.map(textOf).join(", ") };
  return { kind: "text", text: JSON.stringify(value), style: { monospace: true } };
}

/** A cell that a table's line cannot show whole. */
function isCut(value: unknown): boolean {
  if (typeof value === "string") return value.length > MAX_CELL_CHARS || value.trim().includes("\n");
  return !isScalar(value) && !isEmpty(value) && !isKnownNode(value);
}

function tableNode(names: readonly string[], rows: readonly JsonRecord[]): ClickyNode {
  const filled = names.filter((name) => rows.length === 0 || rows.some((row) => !isEmpty(row[name])));
  const isTime = (name: string) => rows.every((row) => isEmpty(row[name]) || (typeof row[name] === "string" && MOMENT.test(row[name])));
  const isFigure = (name: string) => rows.every((row) => isEmpty(row[name]) || typeof row[name] === "number");
  return {
    kind: "table",
    isServerSorted: true, // the plugin's order means something
    columns: readingOrder(filled, isTime).map((name) => ({ name, label: labelOf(name), sortable: true, align: isFigure(name) ? "right" : undefined })),
    rows: rows.map((row) => ({
      cells: Object.fromEntries(filled.map((name) => [name, convertCell(row[name], name)])),
      detail: filled.some((name) => isCut(row[name])) ? { kind: "record", value: row } : undefined,
    })),
  };
}

function recordsTable(rows: readonly JsonRecord[]): ClickyNode {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return tableNode([...names], rows);
}

function isGrid(value: JsonRecord): boolean {
  return Array.isArray(value.columns) && Array.isArray(value.rows) && value.columns.length > 0;
}

/** Return `{columns, rows, …}` as a table with the rest below it. */
function convertGrid(value: JsonRecord, depth: number): ClickyNode {
  const names = listOf(value.columns).map((column, index) => (isRecord(column) ? textOf(column.name) : textOf(column)) || `column ${index + 1}`);
  const rows = listOf(value.rows).map((row) => (isRecord(row) ? row : Object.fromEntries(names.map((name, index) => [name, listOf(row)[index]]))));
  const rest = Object.entries(value).filter(([key, one]) => key !== "columns" && key !== "rows" && !isEmpty(one));
  const table = tableNode(names, rows);
  table.columns = listOf(table.columns).filter(isRecord).sort((a, b) => names.indexOf(textOf(a.name)) - names.indexOf(textOf(b.name)));
  if (rest.length === 0) return table;
  return { kind: "list", unstyled: true, items: [table, convertRecord(Object.fromEntries(rest), depth + 1)] };
}

function convertRecord(value: JsonRecord, depth: number): ClickyNode {
  return { kind: "map", fields: Object.entries(value).map(([name, one]) => ({ name, label: labelOf(name), value: convertJson(one, depth + 1, name) })) };
}

/** Return any JSON as the node that shows it best. */
export function convertJson(value: unknown, depth = 0, key = ""): ClickyNode {
  if (isScalar(value)) return convertScalar(value, key);
  if (isKnownNode(value)) return value;
  if (Array.isArray(value)) {
    if (value.length === 0) return { kind: "text", text: depth === 0 ? "No data" : "", style: { faint: true } };
    if (value.every(isKnownNode)) return { kind: "list", unstyled: true, items: value };
    if (value.every(isRecord)) return depth > MAX_MAP_DEPTH ? { kind: "json", value } : recordsTable(value);
    if (value.every(isScalar)) return depth === 0 ? { kind: "list", items: value.map((one) => convertScalar(one)) } : convertCell(value, key);
    return { kind: "json", value };
  }
  const record = value as JsonRecord;
  if (isEmpty(record)) return { kind: "text", text: depth === 0 ? "No data" : "", style: { faint: true } };
  if (depth > MAX_MAP_DEPTH) return { kind: "json", value };
  return isGrid(record) ? convertGrid(record, depth) : convertRecord(record, depth);
}
