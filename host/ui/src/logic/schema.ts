export type FieldKind =
  | "text" | "code" | "secret" | "integer" | "number" | "boolean" | "choice" | "choices" | "constant" | "list" | "group" | "time" | "date" | "json" | "any";

export type ItemKind = "text" | "integer" | "number" | "boolean";

/** One field of a form, as a params schema asks for it. */
export interface FormField {
  /** Names from the outermost object to this field, joined by dots. */
  path: string;
  name: string;
  kind: FieldKind;
  help: string;
  isRequired: boolean;
  isNullable: boolean;
  /** What is used when nothing is entered; null when the schema does not say. */
  defaultText: string | null;
  options: { text: string; value: unknown }[];
  itemKind: ItemKind;
  minimum: number | null;
  maximum: number | null;
  minLength: number | null;
  maxLength: number | null;
  pattern: string;
  constant: unknown;
  fields: FormField[];
}

type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const figure = (value: unknown): number | null => (typeof value === "number" ? value : null);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Return a value as it stands in a field. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null)) return value.map(valueText).join("\n");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const MAX_DEPTH = 8;
const CODE_NAME = /(?:^|_)(?:statement|sql|query|script|body|yaml|manifest|expression|content)$|(?:Statement|Sql|Script|Body|Yaml|Manifest|Content)$/;
const SECRET_NAME = /(?:password|passphrase|secret|apikey|api_key)$/i;

function without(schema: Schema, ...names: string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}

/** Return what a schema points at, with a lone `allOf` member merged in. */
function resolve(schema: Schema, root: Schema, depth: number): Schema {
  const ref = text(schema.$ref);
  if (ref.startsWith("#/") && depth < MAX_DEPTH) {
    let found: unknown = root;
    for (const step of ref.slice(2).split("/")) found = isSchema(found) ? found[decodeURIComponent(step.replaceAll("~1", "/").replaceAll("~0", "~"))] : undefined;
    const own = without(schema, "$ref");
    return isSchema(found) ? resolve({ ...found, ...own }, root, depth + 1) : own;
  }
  const [only, ...others] = list(schema.allOf);
  if (isSchema(only) && others.length === 0 && depth < MAX_DEPTH) {
    return resolve({ ...only, ...without(schema, "allOf") }, root, depth + 1);
  }
  return schema;
}

interface Narrowed {
  schema: Schema;
  isNullable: boolean;
  /** Several kinds are accepted. */
  isMixed: boolean;
}

/** Take null out of a schema's alternatives; what is left decides the field. */
function narrow(schema: Schema, root: Schema): Narrowed {
  const types = Array.isArray(schema.type) ? schema.type : null;
  if (types) {
    const rest = types.filter((one) => one !== "null");
    return { schema: { ...schema, type: rest.length === 1 ? rest[0] : undefined }, isNullable: rest.length < types.length, isMixed: rest.length > 1 };
  }
  const parts = [...list(schema.anyOf), ...list(schema.oneOf)].filter(isSchema).map((part) => resolve(part, root, 0));
  if (parts.length === 0) {
    const values = list(schema.enum);
    const hasNull = values.includes(null);
    return { schema: hasNull ? { ...schema, enum: values.filter((one) => one !== null) } : schema, isNullable: hasNull || schema.nullable === true, isMixed: false };
  }
  const rest = parts.filter((part) => part.type !== "null" && part.const !== null);
  const own = without(schema, "anyOf", "oneOf");
  const isNullable = rest.length < parts.length;
  const [only] = rest;
  if (rest.length === 1 && only) return { schema: { ...only, ...own }, isNullable, isMixed: false };
  const choices = rest.flatMap((part) => ("const" in part ? [part.const] : list(part.enum)));
  const isChoice = rest.every((part) => "const" in part || Array.isArray(part.enum));
  return { schema: isChoice ? { ...own, enum: choices } : own, isNullable, isMixed: !isChoice };
}

function itemKind(items: Schema): ItemKind | null {
  if (items.type === "integer" || items.type === "number" || items.type === "boolean") return items.type;
  return items.type === "string" || items.type === undefined ? "text" : null;
}

function stringKind(schema: Schema, name: string): FieldKind {
  const format = text(schema.format);
  if (format === "date-time") return "time";
  if (format === "date") return "date";
  if (format === "password" || schema.writeOnly === true || SECRET_NAME.test(name)) return "secret";
  if (/^(?:textarea|multi-?line|sql|yaml|code)$/.test(format) || schema.contentMediaType !== undefined || CODE_NAME.test(name)) return "code";
  return "text";
}

function fieldKind(schema: Schema, name: string, items: Schema | null): FieldKind {
  if ("const" in schema) return "constant";
  if (Array.isArray(schema.enum)) return "choice";
  if (schema.type === "integer" || schema.type === "number" || schema.type === "boolean") return schema.type;
  if (schema.type === "string") return stringKind(schema, name);
  if (schema.type === "array" && items) return Array.isArray(items.enum) ? "choices" : itemKind(items) ? "list" : "json";
  if (schema.type === "array") return "list";
  if (schema.type === "object" || isSchema(schema.properties)) return isSchema(schema.properties) && Object.keys(schema.properties).length > 0 ? "group" : "json";
  return "any";
}

function bound(schema: Schema, inclusive: string, exclusive: string, step: number): number | null {
  const limit = figure(schema[exclusive]);
  return figure(schema[inclusive]) ?? (limit === null ? null : schema.type === "integer" ? limit + step : limit);
}

function readField(name: string, parent: string, given: Schema, root: Schema, isRequired: boolean, depth: number): FormField {
  const { schema, isNullable, isMixed } = narrow(resolve(given, root, 0), root);
  const items = isSchema(schema.items) ? narrow(resolve(schema.items, root, 0), root).schema : null;
  const kind = depth > MAX_DEPTH ? "json" : isMixed ? "any" : fieldKind(schema, name, items);
  const path = parent ? `${parent}.${name}` : name;
  const values = kind === "choices" ? list(items?.enum) : list(schema.enum);
  return {
    path, name, kind, isRequired, isNullable,
    help: text(given.description) || text(schema.description),
    defaultText: "default" in schema || "default" in given ? valueText(given.default ?? schema.default) : null,
    options: values.map((value) => ({ text: valueText(value), value })),
    itemKind: (items && itemKind(items)) ?? "text",
    minimum: bound(schema, "minimum", "exclusiveMinimum", 1),
    maximum: bound(schema, "maximum", "exclusiveMaximum", -1),
    minLength: figure(schema.minLength),
    maxLength: figure(schema.maxLength),
    pattern: text(schema.pattern),
    constant: schema.const,
    fields: kind === "group" ? readFields(schema, root, path, depth + 1) : [],
  };
}

function readFields(schema: Schema, root: Schema, parent: string, depth: number): FormField[] {
  const required = new Set(list(schema.required));
  const properties = isSchema(schema.properties) ? Object.entries(schema.properties) : [];
  const fields = properties.filter((entry): entry is [string, Schema] => isSchema(entry[1])).map(([name, one]) => readField(name, parent, one, root, required.has(name), depth));
  const order = list(schema["x-order"]);
  // Maps of the wire have no order. Without the author's, what must be there comes first, switches last.
  const place = (field: FormField) => (order.includes(field.name) ? order.indexOf(field.name) : order.length);
  const rank = (field: FormField) => (field.isRequired ? 0 : field.kind === "group" ? 3 : field.kind === "boolean" ? 2 : 1);
  return fields.sort((a, b) => place(a) - place(b) || rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** Return the fields of a form for a params schema; none for an operation that takes no params. */
export function readSchema(schema: unknown): FormField[] {
  if (!isSchema(schema)) return [];
  const root = resolve(schema, schema, 0);
  return readFields(root, schema, "", 0);
}

/** Return every field that holds a value, those of groups included. */
export function leafFields(fields: readonly FormField[]): FormField[] {
  return fields.flatMap((field) => (field.kind === "group" ? leafFields(field.fields) : [field]));
}

/** Return the field that an error names, however it spells it: `row_limit`, `rowLimit`, `params.rowLimit`, `$.rowLimit`. */
export function findField(fields: readonly FormField[], named: unknown): FormField | undefined {
  const plain = (path: string) => path.replace(/^(?:\$\.?|params\.)/, "").replace(/\[\d*\]$/, "").replaceAll("_", "").toLowerCase();
  const wanted = plain(text(named));
  const leaves = leafFields(fields);
  return wanted ? (leaves.find((field) => plain(field.path) === wanted) ?? leaves.find((field) => plain(field.name) === wanted)) : undefined;
}
