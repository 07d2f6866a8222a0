import { stripAnsi } from "./ansi.ts";
import { messageOf } from "./fields.ts";

/** How much of a line tells which pattern it is of. */
const MOST_CHARS = 400;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?!\w)/iy;
const TIME = /\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?(?!\w)|\d\d:\d\d:\d\d(?:[.,]\d+)?(?!\w)/y;
const ADDRESS = /\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?!\w|\.\d)/y;
const NUMBER = /(?:\d+(?:[.,]\d+)*)(?:e[+-]?\d+)?([a-zA-Zµ%]{0,3})(?!\w)/y;
const HEX = /^(?:0x[0-9a-f]+|[0-9a-f]{6,})$/i;
/** Long ones are ids, also when they happen to have no letter. */
const LONG_HEX = /^[0-9a-f]{16,}$/i;
const NAME_AND_NUMBER = /^([A-Za-z_]+)\d+$/;
const LEADING_TIME = /^[[(]?<time>[\])]?[\s|:,-]*(?=\S)/;

const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;
const WORD = new Uint8Array(128);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") WORD[char.charCodeAt(0)] = 1;
for (const char of "0123456789") WORD[char.charCodeAt(0)] = 2;

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (WORD[code] as number) : 1;
}

function endOfQuoted(text: string, start: number, quote: number, end: number): number {
  for (let at = start + 1; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === quote) return at;
  }
  return -1;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Return what stands for the word with a digit at `from`, and where it ends. */
function placeholder(text: string, from: number, until: number): [string, number] {
  const word = text.slice(from, until);
  if (until - from >= 16 && LONG_HEX.test(word)) return ["<hex>", until];
  if (kindAt(text, from) === 2) {
    const time = matchAt(TIME, text, from);
    if (time) return ["<time>", from + time[0].length];
    const address = matchAt(ADDRESS, text, from);
    if (address) return ["<ip>", from + address[0].length];
    const number = matchAt(NUMBER, text, from);
    if (number) return [`<n>${number[1] ?? ""}`, from + number[0].length];
  }
  if (HEX.test(word)) return ["<hex>", until];
  const named = NAME_AND_NUMBER.exec(word);
  return [named ? `${named[1]}<n>` : "<id>", until];
}

/** Return a text with what varies replaced: numbers, times, addresses, ids and what is quoted. */
export function patternOfText(text: string): string {
  const end = Math.min(text.length, MOST_CHARS);
  let out = "";
  let copied = 0;
  let at = 0;
  const put = (what: string, until: number) => {
    out += text.slice(copied, at) + what;
    copied = at = until;
  };
  while (at < end) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? (WORD[code] as number) : 1;
    if (kind) {
      let until = at;
      let hasDigit = false;
      for (let next = kind; next; next = until < end ? kindAt(text, until) : 0) {
        if (next === 2) hasDigit = true;
        until += 1;
      }
      if (until - at === 8 && text.charCodeAt(until) === 45 && matchAt(UUID, text, at)) put("<uuid>", at + 36);
      else if (hasDigit) put(...placeholder(text, at, until));
      else at = until;
    } else if (code === QUOTE || (code === APOSTROPHE && (at === 0 || !kindAt(text, at - 1)))) {
      const close = endOfQuoted(text, at, code, end);
      if (close < 0) at += 1;
      else if (text.charCodeAt(close + 1) === 58) at = close + 1; // a key keeps its name
      else put(code === QUOTE ? '"…"' : "'…'", close + 1);
    } else at += 1;
  }
  return (out + text.slice(copied, end)).replace(LEADING_TIME, "").trim();
}

/** Return the pattern of a line: of its message, where it has fields. */
export function patternOfLine(line: string): string {
  const plain = stripAnsi(line);
  return patternOfText(messageOf(plain) ?? plain);
}
