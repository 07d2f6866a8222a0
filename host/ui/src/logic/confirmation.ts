import type { PluginOperation } from "../api.ts";

const folded = (value: unknown): string => String(value).replace(/[_-]/g, "").trim().toLowerCase();

/** Return whether a call must be confirmed. A destructive operation may say with which values it is one
 * (`x-destructive-when: {"mode": ["write"]}`); names and values are compared as loosely as the host does. */
export function mustConfirm(operation: PluginOperation, params: Record<string, unknown>): boolean {
  if (!operation.destructive) return false;
  const condition = operation.params_schema?.["x-destructive-when"];
  if (typeof condition !== "object" || condition === null) return true;
  const wanted = new Map(Object.entries(condition).map(([name, values]) => [folded(name), new Set((Array.isArray(values) ? values : []).map(folded))]));
  return Object.entries(params).some(([name, value]) => wanted.get(folded(name))?.has(folded(value)) ?? false);
}
