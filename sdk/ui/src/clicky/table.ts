import { compareValues, type Sort, type SortValue } from "../logic/order.ts";
import { prettyName } from "./names.ts";
import { asNode, isRecord, listOf, plainText, textOf, type ClickyNode, type JsonRecord } from "./node.ts";

export type ColumnKind = "plain" | "tags" | "status" | "timestamp";

export interface ClickyColumn {
  name: string;
  /** Drawn header; null when the words in `label` are it. */
  header: ClickyNode | null;
  label: string;
  isRight: boolean;
  isSortable: boolean;
  sortKey: string;
  isFilterable: boolean;
  filterKey: string;
  kind: ColumnKind;
  unit: string;
  format: string;
  isGrowing: boolean;
}

export interface ClickyRow {
  /** Place in the document, which stays when rows are sorted. */
  index: number;
  cells: Record<string, ClickyNode>;
  detail: ClickyNode | null;
}

export interface ClickyTableModel {
  columns: ClickyColumn[];
  rows: ClickyRow[];
  /** Rows of structs only are shown as cards. */
  isCards: boolean;
  firstSort: Sort | null;
}

const TAG_NAME = /(?:^|[._-])(?:tags?|labels?|annotations?)$/i;
const KINDS: readonly ColumnKind[] = ["tags", "status", "timestamp"];

function columnKind(column: JsonRecord, name: string): ColumnKind {
  const kind = KINDS.find((one) => one === column.kind);
  if (kind) return kind;
  if (TAG_NAME.test(name) || column.type === "key_value" || column.type === "key_values") return "tags";
  return "plain";
}

function readColumn(column: JsonRecord, hasAutoFilter: boolean): ClickyColumn | null {
  const name = textOf(column.name);
  if (!name) return null;
  return {
    name,
    header: isRecord(column.header) ? asNode(column.header) : null,
    label: textOf(column.header) || textOf(column.label) || prettyName(name),
    isRight: column.align === "right" || column.align === "end",
    isSortable: column.sortable === true,
    sortKey: textOf(column.sortKey) || name,
    isFilterable: column.filterable === true || (hasAutoFilter && column.filterable !== false),
    filterKey: textOf(column.filterKey) || name,
    kind: columnKind(column, name),
    unit: textOf(column.unit),
    format: textOf(column.format),
    isGrowing: Number(column.grow) > 0,
  };
}

function readRow(row: unknown, index: number): ClickyRow {
  const record = isRecord(row) ? row : {};
  const cells = isRecord(record.cells) ? record.cells : {};
  return {
    index,
    cells: Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, asNode(cell)])),
    detail: record.detail === null || record.detail === undefined ? null : asNode(record.detail),
  };
}

/** Read a table node. Cells that are missing are empty text. */
export function readTable(node: ClickyNode): ClickyTableModel {
  const columns = listOf(node.columns).filter(isRecord).flatMap((column) => readColumn(column, node.autoFilter === true) ?? []);
  const rows = listOf(node.rows).map(readRow);
  const isCards = rows.length > 0 && columns.length > 0 && rows.every((row) => columns.every(({ name }) => row.cells[name]?.kind === "map"));
  const isOrdered = Boolean(node.isServerSorted ?? node.serverSorted ?? node.pagination ?? node.paginated);
  const first = isOrdered ? undefined : columns.find((column) => column.isSortable);
  return { columns, rows, isCards, firstSort: first ? { column: first.name, isDescending: false } : null };
}

const FIGURE = /^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Return what a cell sorts by: its own value, a figure, a moment, else its words. */
export function sortValue(cell: ClickyNode | undefined, kind: ColumnKind = "plain"): SortValue {
  if (!cell) return null;
  if (typeof cell.value === "number" || typeof cell.value === "boolean") return cell.value;
  const text = plainText(cell).trim();
  if (FIGURE.test(text)) return Number(text.replaceAll(",", ""));
  const moment = kind === "timestamp" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? text : moment;
}

export function sortRows(model: ClickyTableModel, sort: Sort | null): ClickyRow[] {
  const column = sort && model.columns.find((one) => one.name === sort.column);
  if (!column) return model.rows;
  const keyed = model.rows.map((row) => ({ row, key: sortValue(row.cells[column.sortKey] ?? row.cells[column.name], column.kind) }));
  return keyed.sort((a, b) => compareValues(a.key, b.key, sort.isDescending)).map(({ row }) => row);
}

const MAX_OPTIONS = 30;

/** Return the values a column can be filtered by; none when they are too many or all different. */
export function filterOptions(model: ClickyTableModel, column: ClickyColumn): string[] {
  const values = new Set(model.rows.map((row) => plainText(row.cells[column.filterKey])).filter(Boolean));
  return values.size > 1 && values.size <= MAX_OPTIONS && values.size < model.rows.length ? [...values].sort() : [];
}

/** Return the rows that hold every word and every chosen value. */
export function filterRows(rows: readonly ClickyRow[], model: ClickyTableModel, words: string, chosen: Readonly<Record<string, string>>): ClickyRow[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = model.columns.filter((column) => chosen[column.name]);
  return rows.filter((row) => {
    if (wanted.some((column) => plainText(row.cells[column.filterKey]) !== chosen[column.name])) return false;
    if (parts.length === 0) return true;
    const text = model.columns.map((column) => plainText(row.cells[column.name])).join("\n").toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}

/** Return the chips of a tags cell: pairs of a map, items of a list, or what commas separate. */
export function tagTexts(cell: ClickyNode | undefined): string[] {
  if (!cell) return [];
  if (cell.kind === "map") {
    return listOf(cell.fields).filter(isRecord).map((field) => [textOf(field.label) || textOf(field.name), plainText(field.value)].filter(Boolean).join("="));
  }
  if (cell.kind === "json" && isRecord(cell.value)) return Object.entries(cell.value).map(([key, one]) => `${key}=${textOf(one) || JSON.stringify(one)}`);
  if (cell.kind === "list") return listOf(cell.items).map((item) => plainText(item)).filter(Boolean);
  return plainText(cell).split(/,\s*/).filter(Boolean);
}
