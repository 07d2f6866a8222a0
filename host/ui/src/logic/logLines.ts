import type { LogRecord } from "../api.ts";

export const LEVELS = ["trace", "debug", "info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

/** Return one of our levels for what a plugin calls it. */
export function levelOf(text: string): Level {
  const lower = text.toLowerCase();
  if (lower === "warn") return "warning";
  if (lower === "fatal" || lower === "critical" || lower === "panic") return "error";
  return LEVELS.find((level) => level === lower) ?? "info";
}

/** Fields that every record of a plugin has, which its own page need not repeat. */
const KNOWN_FIELDS = new Set(["@module", "plugin", "@timestamp", "timestamp"]);

/** Return a record's own fields on one line. */
export function fieldsText(record: LogRecord): string {
  return Object.entries(record.fields ?? {})
    .filter(([name]) => !KNOWN_FIELDS.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

/** Return the records of at least a level that hold every word. */
export function filterLog(records: readonly LogRecord[], least: Level, words: string): LogRecord[] {
  const from = LEVELS.indexOf(least);
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  return records.filter((record) => {
    if (LEVELS.indexOf(levelOf(record.level)) < from) return false;
    if (parts.length === 0) return true;
    const text = `${record.level} ${record.message} ${fieldsText(record)}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}
