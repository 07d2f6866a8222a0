import type { ItemDetail } from "../api.ts";

export interface Fact {
  text: string;
  isLabel: boolean;
}

const PROPERTY_LIMIT = 5;
const LABEL_LIMIT = 4;

function isShort(value: unknown): value is string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && value !== "" && value.length <= 60);
}

/** Return what the header says below the name: status, the short properties, a few labels. */
export function itemFacts(item: ItemDetail): Fact[] {
  const properties = Object.entries(item.properties ?? {}).filter(([, value]) => isShort(value));
  const labels = Object.entries({ ...item.labels, ...item.tags });
  return [
    ...(item.status ? [{ text: item.status, isLabel: false }] : []),
    ...properties.slice(0, PROPERTY_LIMIT).map(([name, value]) => ({ text: `${name} ${String(value)}`, isLabel: false })),
    ...labels.slice(0, LABEL_LIMIT).map(([name, value]) => ({ text: `${name}=${value}`, isLabel: true })),
  ];
}
