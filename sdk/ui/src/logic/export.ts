/** Return a cell as text: null is empty, objects are JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function csvField(value: unknown): string {
  const text = cellText(value);
  const isEmptyText = value === "";
  return isEmptyText || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Return rows as CSV with a header; null is nothing between commas, an empty string is `""`. */
export function renderCsv(columns: readonly string[], rows: Iterable<readonly unknown[]>): string {
  const lines = [columns.map(csvField).join(",")];
  for (const row of rows) lines.push(columns.map((_, index) => csvField(row[index])).join(","));
  return `${lines.join("\n")}\n`;
}

/** Return names that are all different: `id`, `id_2`. */
export function uniqueNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let n = 2; seen.has(unique); n += 1) unique = `${name}_${n}`;
    seen.add(unique);
    return unique;
  });
}

/** Return one row as an object, no column lost when names repeat. */
export function rowObject(columns: readonly string[], row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(uniqueNames(columns).map((name, index) => [name, row[index] ?? null]));
}

/** Return rows as indented JSON. */
export function renderJson(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return JSON.stringify(rows.map((row) => rowObject(columns, row)), null, 2);
}

/** Return a file name part. */
export function slug(text: string, fallback: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || fallback;
}
