/** A run of text in one look: class names of tokens, never colours. */
export interface AnsiSpan {
  text: string;
  look: string;
}

const SEQUENCE = /\x1b\[([0-9;:]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]/g;
const COLOURS = [
  "text-muted-foreground",
  "text-destructive",
  "text-success-text",
  "text-warning-text",
  "text-primary",
  "text-chart-7",
  "text-info-text",
  "text-foreground",
];

interface State {
  colour: string;
  isBold: boolean;
  isDim: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
  isReversed: boolean;
}

const PLAIN: State = { colour: "", isBold: false, isDim: false, isItalic: false, isUnderlined: false, isReversed: false };

function lookOf(state: State): string {
  return [
    state.colour,
    state.isBold && "font-semibold",
    state.isDim && "opacity-60",
    state.isItalic && "italic",
    state.isUnderlined && "underline",
    state.isReversed && "bg-foreground/15",
  ]
    .filter(Boolean)
    .join(" ");
}

function applyCode(state: State, code: number): State {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...state, isBold: true };
  if (code === 2) return { ...state, isDim: true };
  if (code === 3) return { ...state, isItalic: true };
  if (code === 4) return { ...state, isUnderlined: true };
  if (code === 7) return { ...state, isReversed: true };
  if (code === 22) return { ...state, isBold: false, isDim: false };
  if (code === 23) return { ...state, isItalic: false };
  if (code === 24) return { ...state, isUnderlined: false };
  if (code === 27) return { ...state, isReversed: false };
  if (code === 39) return { ...state, colour: "" };
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ...state, colour: COLOURS[code % 10] ?? "" };
  return state;
}

function applyCodes(state: State, codes: string): State {
  let next = state;
  const numbers = codes.split(/[;:]/).map(Number);
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] ?? 0;
    if (code === 38 || code === 48) {
      // 256 colours and RGB: the first sixteen have names, others stay as they are and keep their text readable.
      const isIndexed = numbers[at + 1] === 5;
      if (isIndexed && code === 38 && (numbers[at + 2] ?? 16) < 16) next = { ...next, colour: COLOURS[(numbers[at + 2] ?? 0) % 8] ?? "" };
      at += isIndexed ? 2 : 4;
      continue;
    }
    next = applyCode(next, code);
  }
  return next;
}

/** Return text without its escape sequences. */
export function stripAnsi(text: string): string {
  return text.includes("\x1b") ? text.replace(SEQUENCE, "") : text;
}

/** Split text with SGR codes into styled runs; other sequences are dropped. */
export function parseAnsi(text: string): AnsiSpan[] {
  if (!text.includes("\x1b")) return [{ text, look: "" }];
  const spans: AnsiSpan[] = [];
  let state = PLAIN;
  let last = 0;
  const push = (until: number) => {
    if (until > last) spans.push({ text: text.slice(last, until), look: lookOf(state) });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(match.index);
    if (match[2] === "m") state = applyCodes(state, match[1] ?? "");
    last = match.index + match[0].length;
  }
  push(text.length);
  return spans;
}
