import { stripAnsi } from "./ansi.ts";

export type Fields = Record<string, unknown>;

const PAIR = /(?:^|\s)([A-Za-z_][\w.\-/]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g;
const MESSAGE_KEYS = ["msg", "message", "log", "event", "text"];
const QUIET_KEYS = new Set(["ts", "time", "timestamp", "@timestamp", "level", "lvl", "severity", "t"]);
const MIN_PAIRS = 2;

function parseJson(text: string): Fields | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return null;
  try {
    const value: unknown = JSON.parse(trimmed);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return JSON.parse(value) as string;
  } catch {
    return value.slice(1, -1);
  }
}

function parseLogfmt(text: string): Fields | null {
  const fields: Fields = {};
  let count = 0;
  for (const match of text.matchAll(PAIR)) {
    fields[match[1] as string] = unquote(match[2] ?? "");
    count += 1;
  }
  return count >= MIN_PAIRS ? fields : null;
}

/** Return the fields of a JSON or logfmt line; null when it is plain text. */
export function parseFields(text: string): Fields | null {
  const plain = stripAnsi(text);
  return parseJson(plain) ?? (plain.includes("=") ? parseLogfmt(plain) : null);
}

/** Return fields with nested ones by dotted names, in order. */
export function flattenFields(fields: Fields, prefix = ""): [string, unknown][] {
  return Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    const isNested = typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    return isNested ? flattenFields(value as Fields, `${prefix}${name}.`) : [[`${prefix}${name}`, value]];
  });
}

/** Return a value as a filter compares it. */
export function fieldText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Return a JSON line as one reads it: its message, then its other fields without the omitted ones; null for any other line. */
export function summarise(text: string, omitted: readonly string[] = []): { message: string; rest: [string, string][] } | null {
  const fields = text.startsWith("{") ? parseJson(stripAnsi(text)) : null;
  if (!fields) return null;
  const key = MESSAGE_KEYS.find((name) => typeof fields[name] === "string");
  if (!key) return null;
  const rest = flattenFields(fields).filter(([name]) => name !== key && !QUIET_KEYS.has(name) && !omitted.includes(name));
  return { message: fields[key] as string, rest: rest.map(([name, value]) => [name, fieldText(value)]) };
}

const LOGFMT_MESSAGE = /(?:^|\s)(?:msg|message)=("(?:[^"\\]|\\.)*"|\S+)/;

/** Return the message of a JSON or logfmt line; null when it has none. */
export function messageOf(text: string): string | null {
  if (text.startsWith("{")) {
    const fields = parseJson(text);
    const key = fields && MESSAGE_KEYS.find((name) => typeof fields[name] === "string");
    return key ? (fields[key] as string) : null;
  }
  const found = text.includes("msg=") || text.includes("message=") ? LOGFMT_MESSAGE.exec(text) : null;
  return found ? unquote(found[1] ?? "") : null;
}
