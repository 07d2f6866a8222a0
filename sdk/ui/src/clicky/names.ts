/** Words that people write in capitals. */
const CAPITALS = new Set(["id", "ip", "cpu", "url", "uri", "sql", "ssl", "tls", "http", "json", "pid", "os", "io", "uid", "dns", "api", "wal"]);

/** Return a key as people say it: `backendStart` and `backend_start` are `Backend Start`. */
export function prettyName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_]+/)
    .filter(Boolean)
    .map((word) => (CAPITALS.has(word.toLowerCase()) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(" ");
}

export type KeyUnit = "ms" | "bytes" | null;

/** Return the unit that a key names: `durationMs`, `size_bytes`. */
export function keyUnit(name: string): KeyUnit {
  if (/(?:[a-z0-9]Ms|_ms|^ms)$/.test(name)) return "ms";
  return /(?:[a-z0-9]Bytes|_bytes|^bytes)$/i.test(name) ? "bytes" : null;
}

/** Return the key's words without the unit, which stands beside the figure. */
export function labelOf(name: string): string {
  const bare = keyUnit(name) ? name.replace(/_?(?:ms|bytes)$/i, "") : name;
  return prettyName(bare || name);
}

const NAME_KEYS = ["name", "title", "label"];

/** Return columns in the order one reads them: what a row is called first, moments last. */
export function readingOrder(names: readonly string[], isTime: (name: string) => boolean): string[] {
  const nameKey = NAME_KEYS.find((key) => names.includes(key));
  const rank = (name: string) => (name === nameKey ? 0 : isTime(name) ? 2 : 1);
  return [...names].sort((a, b) => rank(a) - rank(b));
}
