/** Sort state of one column. */
export interface Sort {
  column: string;
  isDescending: boolean;
}

export type SortValue = string | number | boolean | null | undefined;

/** Compare two cells; unknown values come last in both directions (the caller flips the rest). */
export function compareValues(a: SortValue, b: SortValue, isDescending: boolean): number {
  const aMissing = a === null || a === undefined || a === "";
  const bMissing = b === null || b === undefined || b === "";
  if (aMissing || bMissing) return Number(aMissing) - Number(bMissing);
  const order = typeof a === "string" && typeof b === "string" ? collator.compare(a, b) : Number(a > b) - Number(a < b);
  return isDescending ? -order : order;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Read `-age` or `age`. */
export function parseSort(text: string | null | undefined): Sort | null {
  if (!text) return null;
  return text.startsWith("-") ? { column: text.slice(1), isDescending: true } : { column: text, isDescending: false };
}

export function renderSort(sort: Sort | null): string | null {
  return sort ? `${sort.isDescending ? "-" : ""}${sort.column}` : null;
}
