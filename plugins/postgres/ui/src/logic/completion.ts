import type { Schema, SchemaTable } from "../api.ts";
import { listCtes, listSources, type Cte, type Source } from "./relations.ts";
import { SQL_KEYWORDS, tokenizeSql } from "./sqlTokens.ts";
import { statementTokens } from "./statementAt.ts";

/** One thing that can be typed next. */
export interface Suggestion {
  label: string;
  /** What is inserted: the label, quoted where SQL needs it. */
  apply?: string;
  kind: "schema" | "table" | "column" | "alias" | "keyword" | "function";
  detail?: string;
  boost?: number;
}

export interface Completion {
  /** Where the word being typed starts. */
  from: number;
  suggestions: Suggestion[];
}

const FUNCTIONS = (
  "count sum avg min max coalesce nullif greatest least now date_trunc extract age to_char to_date to_timestamp lower upper length substring " +
  "replace trim split_part concat string_agg array_agg json_agg jsonb_agg jsonb_build_object jsonb_array_elements row_number rank lag lead " +
  "round abs ceil floor random generate_series unnest pg_size_pretty pg_total_relation_size pg_relation_size current_setting"
).split(" ");

/** Return a name as it must be written in a statement. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !SQL_KEYWORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function named(label: string, rest: Omit<Suggestion, "label" | "apply">): Suggestion {
  const apply = quoteName(label);
  return apply === label ? { label, ...rest } : { label, apply, ...rest };
}

function columnsOf(table: SchemaTable, boost: number): Suggestion[] {
  return (table.columns ?? []).map((column) => named(column.name, { kind: "column", detail: column.dataType, boost }));
}

function tablesNamed(schema: Schema, relation: string, inSchema: string | undefined): SchemaTable[] {
  return (schema.tables ?? []).filter((table) => table.name === relation && (inSchema === undefined || table.schema === inSchema));
}

function sourceColumns(source: Source, ctes: readonly Cte[], schema: Schema, boost: number): Suggestion[] {
  const cte = source.schema === undefined && ctes.find((one) => one.name === source.relation);
  if (cte) return cte.columns.map((column) => named(column, { kind: "column", detail: cte.name, boost }));
  return tablesNamed(schema, source.relation, source.schema).flatMap((table) => columnsOf(table, boost));
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
}

function afterDot(path: readonly string[], sources: readonly Source[], ctes: readonly Cte[], schema: Schema): Suggestion[] {
  const [first = "", second] = path;
  if (second !== undefined) return tablesNamed(schema, second, first).flatMap((table) => columnsOf(table, 2));
  const source = sources.find((one) => one.name === first);
  const own = source ? sourceColumns(source, ctes, schema, 2) : [];
  if (own.length) return own; // else the name before the dot may be the schema of a table still being typed
  const inSchema = (schema.tables ?? []).filter((table) => table.schema === first);
  if (inSchema.length) return inSchema.map((table) => named(table.name, { kind: "table", detail: table.type }));
  return tablesNamed(schema, first, undefined).flatMap((table) => columnsOf(table, 2));
}

function anywhere(sources: readonly Source[], ctes: readonly Cte[], schema: Schema): Suggestion[] {
  const tables = schema.tables ?? [];
  return [
    ...sources.flatMap((source) => sourceColumns(source, ctes, schema, 3)),
    ...sources.filter((source) => source.name !== source.relation).map((source) => named(source.name, { kind: "alias", detail: source.relation, boost: 2 })),
    ...ctes.map((cte) => named(cte.name, { kind: "table", detail: "with", boost: 2 })),
    ...tables.map((table) => named(table.name, { kind: "table", detail: table.schema, boost: table.schema === "public" ? 1 : 0 })),
    ...[...new Set(tables.map((table) => table.schema))].map((name) => named(name, { kind: "schema" })),
    ...FUNCTIONS.map((name): Suggestion => ({ label: name, kind: "function", boost: -1 })),
    ...[...SQL_KEYWORDS].map((word): Suggestion => ({ label: word, kind: "keyword", boost: -1 })),
  ];
}

function unique(suggestions: Suggestion[]): Suggestion[] {
  const seen = new Set<string>();
  return suggestions.filter(({ kind, label, detail }) => {
    const key = `${kind} ${label} ${kind === "table" ? detail : ""}`;
    return !seen.has(key) && seen.add(key);
  });
}

const PATH_BEFORE = /((?:"(?:[^"]|"")+"|[\w$\u0080-\uffff]+)\.){1,2}$/;
const PATH_PART = /"(?:[^"]|"")+"|[\w$\u0080-\uffff]+/g;
const WORD_BEFORE = /"?[\w$\u0080-\uffff]*$/;

/** Return what may be typed at a position; nothing inside strings and comments. */
export function completeSql(text: string, position: number, schema: Schema, isAsked: boolean): Completion | null {
  const tokens = tokenizeSql(text);
  const inside = tokens.find((token) => token.from < position && position <= token.from + token.text.length);
  if (inside && (inside.kind === "comment" || (inside.kind === "string" && position < inside.from + inside.text.length))) return null;
  if (inside?.kind === "number") return null;
  const before = text.slice(0, position);
  const from = position - (WORD_BEFORE.exec(before)?.[0].length ?? 0);
  const path = PATH_BEFORE.exec(text.slice(0, from))?.[0];
  if (!path && from === position && !isAsked) return null;
  const statement = statementTokens(tokens, position);
  const sources = listSources(statement);
  const ctes = listCtes(statement);
  const suggestions = path
    ? afterDot((path.match(PATH_PART) ?? []).map(unquoted), sources, ctes, schema)
    : anywhere(sources, ctes, schema);
  return suggestions.length ? { from, suggestions: unique(suggestions) } : null;
}
