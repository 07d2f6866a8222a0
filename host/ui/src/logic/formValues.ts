import { leafFields, type FormField, type ItemKind } from "./schema.ts";

/** What is entered, by the path of the field; what is empty is left out and follows its default. */
export type FormValues = Readonly<Record<string, string>>;

export interface BuiltParams {
  params: Record<string, unknown>;
  /** What is wrong with a value, by the path of its field. */
  problems: Record<string, string>;
}

class Problem extends Error {}

function checkBounds(value: number, field: FormField): number {
  if (field.minimum !== null && value < field.minimum) throw new Problem(`must be at least ${field.minimum}`);
  if (field.maximum !== null && value > field.maximum) throw new Problem(`must be at most ${field.maximum}`);
  return value;
}

function readScalar(text: string, kind: ItemKind): unknown {
  if (kind === "text") return text;
  if (kind === "boolean") {
    if (text !== "true" && text !== "false") throw new Problem("must be true or false");
    return text === "true";
  }
  const value = Number(text.trim());
  if (text.trim() === "" || !Number.isFinite(value)) throw new Problem("must be a number");
  if (kind === "integer" && !Number.isInteger(value)) throw new Problem("must be a whole number");
  if (kind === "integer" && !Number.isSafeInteger(value)) throw new Problem("is too large to be exact");
  return value;
}

function readText(text: string, field: FormField): string {
  if (field.minLength !== null && text.length < field.minLength) throw new Problem(`must have at least ${field.minLength} characters`);
  if (field.maxLength !== null && text.length > field.maxLength) throw new Problem(`must have at most ${field.maxLength} characters`);
  return text;
}

function readTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Problem("must be a date and a time");
  return time.toISOString();
}

function readJson(text: string, isTextToo: boolean): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (isTextToo) return text;
    throw new Problem("must be JSON");
  }
}

function readChoice(text: string, field: FormField): unknown {
  const option = field.options.find((one) => one.text === text);
  if (!option) throw new Problem(`must be one of ${field.options.map((one) => one.text).join(", ")}`);
  return option.value;
}

const linesOf = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function readValue(text: string, field: FormField): unknown {
  switch (field.kind) {
    case "integer": case "number": return checkBounds(readScalar(text, field.kind) as number, field);
    case "boolean": return readScalar(text, "boolean");
    case "choice": return readChoice(text, field);
    case "choices": return linesOf(text).map((line) => readChoice(line, field));
    case "list": return linesOf(text).map((line) => readScalar(line, field.itemKind));
    case "time": return readTime(text);
    case "json": return readJson(text, false);
    case "any": return readJson(text, true);
    default: return readText(text, field);
  }
}

function addField(field: FormField, values: FormValues, into: Record<string, unknown>, problems: Record<string, string>): void {
  if (field.kind === "constant") into[field.name] = field.constant;
  else if (field.kind === "group") {
    const inner: Record<string, unknown> = {};
    const isAsked = field.isRequired || leafFields(field.fields).some((leaf) => leaf.kind !== "constant" && values[leaf.path]);
    if (!isAsked) return; // what is required inside of it is required only with it
    for (const child of field.fields) addField(child, values, inner, problems);
    into[field.name] = inner;
  } else {
    const text = values[field.path] ?? "";
    if (text === "") {
      if (field.isRequired && field.isNullable) into[field.name] = null;
      else if (field.isRequired && field.kind === "boolean") into[field.name] = field.defaultText === "true";
      else if (field.isRequired && field.defaultText === null) problems[field.path] = "is required";
      return;
    }
    try {
      into[field.name] = readValue(text, field);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      problems[field.path] = thrown.message;
    }
  }
}

/** Return the params that a form means, and what is wrong with its values. */
export function buildParams(fields: readonly FormField[], values: FormValues): BuiltParams {
  const params: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  for (const field of fields) addField(field, values, params, problems);
  return { params, problems };
}

/** Return the values that may stand in an address: nothing secret. */
export function shareableValues(fields: readonly FormField[], values: FormValues): FormValues {
  const leaves = leafFields(fields).filter((field) => field.kind !== "secret" && field.kind !== "constant");
  return Object.fromEntries(leaves.flatMap((field) => (values[field.path] ? [[field.path, values[field.path] ?? ""]] : [])));
}

const pad = (value: number) => String(value).padStart(2, "0");

/** Return a moment as a field for local time takes it: `2026-01-02T03:04:05`. */
export function toLocalInput(text: string): string {
  const time = new Date(text);
  if (!text || Number.isNaN(time.getTime())) return "";
  const day = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  return `${day}T${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
}
