/** A column of a result, as the server names it. */
export interface GridColumn {
  name: string;
  type?: string;
}

const NUMERIC = /^(int|serial|float|numeric|decimal|double|real|money|oid|smallint|bigint|xid|cid)/i;
const SAMPLE_ROWS = 60;
const MIN_CHARS = 5;
const MIN_NUMERIC_CHARS = 9;
const MAX_CHARS = 48;

/** Return whether figures of this type are right aligned. */
export function isNumericType(type: string | undefined): boolean {
  return type !== undefined && !type.startsWith("_") && !type.endsWith("[]") && NUMERIC.test(type);
}

/** Return the text a grid cell shows on its one line. */
export function gridText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** Return widths in characters, fitted to names and to the first rows. */
export function columnChars(columns: readonly GridColumn[], rows: readonly (readonly unknown[])[]): number[] {
  const sample = rows.slice(0, SAMPLE_ROWS);
  return columns.map((column, index) => {
    const header = column.name.length + (column.type ? column.type.length + 1 : 0);
    const least = isNumericType(column.type) ? MIN_NUMERIC_CHARS : MIN_CHARS; // figures grow further down
    const longest = sample.reduce((most, row) => Math.max(most, gridText(row[index]).length), header);
    return Math.min(MAX_CHARS, Math.max(least, longest));
  });
}
