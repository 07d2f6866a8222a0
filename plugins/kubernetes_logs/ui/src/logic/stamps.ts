export type StampStyle = "local" | "utc" | "relative" | "off";

/** Return a stamp as epoch milliseconds; NaN when there is none. */
export function stampMs(stamp: string): number {
  return stamp ? Date.parse(stamp.length > 24 ? `${stamp.slice(0, 23)}Z` : stamp) : Number.NaN;
}

/** Return epoch milliseconds as a stamp that compares with the stream's. */
export function msStamp(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000000Z");
}

function two(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

function relative(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`;
  return `${Math.floor(seconds / 86_400)}d${two(Math.floor(seconds / 3600) % 24)}h`;
}

/** Return a stamp as a column shows it; the date only where it is another day than today. */
export function renderStamp(stamp: string, style: StampStyle, nowMs: number, isShort = false): string {
  const ms = stampMs(stamp);
  if (style === "off" || Number.isNaN(ms)) return "";
  if (style === "relative") return `-${relative(nowMs - ms)}`;
  if (style === "utc") {
    const day = stamp.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10) ? "" : `${stamp.slice(5, 10)} `;
    return `${day}${stamp.slice(11, isShort ? 19 : 23)}`;
  }
  const time = new Date(ms);
  const isToday = time.toDateString() === new Date(nowMs).toDateString();
  const fraction = isShort ? "" : `.${two(time.getMilliseconds(), 3)}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}${fraction}`;
  return isToday ? clock : `${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** Return how many characters the column of stamps needs. */
export function stampChars(style: StampStyle, hasOtherDays: boolean, isShort = false): number {
  if (style === "off") return 0;
  if (style === "relative") return 8;
  return (hasOtherDays ? 6 : 0) + (isShort ? 8 : 12);
}

const LEADING = /^[[(]?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?[\])]?[\s|:-]*/;
const QUARTER_MS = 900_000;
const FARTHEST_ZONE_MS = 14 * 3_600_000;

/** Return a text without the time it begins with, where that is the stamp that stands beside it; without a zone any will do. */
export function withoutStamp(text: string, stamp: string): string {
  const found = /^[[(]?\d{4}/.test(text) ? LEADING.exec(text) : null;
  if (!found || !stamp) return text;
  const [whole, year, month, day, clock, fraction = "", zone = ""] = found;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const said = Date.parse(`${year}-${month}-${day}T${clock}.${fraction.padEnd(3, "0").slice(0, 3)}${offset || "Z"}`);
  const awayMs = said - stampMs(stamp);
  const isSame = offset ? awayMs === 0 : Math.abs(awayMs) <= FARTHEST_ZONE_MS && awayMs % QUARTER_MS === 0;
  const rest = text.slice(whole.length);
  return isSame && rest ? rest : text;
}
