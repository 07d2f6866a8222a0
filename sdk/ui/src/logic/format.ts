const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"] as const;
const NOTHING = "–";

/** Return bytes in 1024 steps with three significant digits: `1.2 GB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NOTHING;
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${bytes < 0 ? "-" : ""}${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Return a count with separators of the locale: `12,408`. */
export function formatCount(count: number | null | undefined, locale?: string): string {
  return count === null || count === undefined ? NOTHING : count.toLocaleString(locale);
}

/** Return a duration as one would say it: `8 ms`, `3.4 s`, `2 m 05 s`, `2 h 05 m`, `3 d 04 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NOTHING;
  if (ms < 0) return "0 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** Return a span that ticks: `0.4 s`, `12.3 s`, `1:05`. */
export function formatTimer(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
}

/** Return how long ago something was, for things that refresh: `now`, `3 s ago`, `2 m ago`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Return a moment, or null for the "unknown" that Go's zero time means. */
export function parseTime(text: string | null | undefined): Date | null {
  if (!text || text.startsWith("0001-")) return null;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** Return a local time: the clock alone for today, with the date otherwise. */
export function formatTime(time: Date | null, now = new Date(), locale?: string): string {
  if (!time) return NOTHING;
  const clock = time.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  if (time.toDateString() === now.toDateString()) return clock;
  return `${time.toLocaleDateString(locale, { year: "numeric", month: "short", day: "numeric" })} ${clock}`;
}

/** Return the exact moment with its zone, for a title. */
export function formatExactTime(time: Date | null): string {
  return time ? `${time.toLocaleString(undefined, { timeZoneName: "short" })} (${time.toISOString()})` : "unknown";
}

/** Return text on one line, with runs of white space made one blank. */
export function oneLine(text: string, limit = 400): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > limit ? `${flat.slice(0, limit)}…` : flat;
}

/** Return `1 row`, `12,408 rows`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
