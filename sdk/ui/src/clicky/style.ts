import type { Tone } from "../components/Badge.tsx";
import { isRecord, textOf, type ClickyNode } from "./node.ts";

/** Colour names of documents, by the token that means the same; all else is a shade of grey. */
const TONES: Record<string, Tone> = {
  red: "destructive", rose: "destructive", danger: "destructive", error: "destructive", destructive: "destructive", critical: "destructive",
  orange: "warning", amber: "warning", yellow: "warning", warning: "warning", warn: "warning",
  green: "success", emerald: "success", lime: "success", teal: "success", success: "success", healthy: "success",
  cyan: "info", sky: "info", info: "info",
  blue: "primary", indigo: "primary", violet: "primary", purple: "primary", fuchsia: "primary", pink: "primary", primary: "primary",
};

const TEXT: Record<Tone, string> = {
  neutral: "text-muted-foreground", primary: "text-primary", success: "text-success-text", warning: "text-warning-text",
  destructive: "text-destructive", info: "text-info-text",
};
const FILL: Record<Tone, string> = {
  neutral: "bg-secondary", primary: "bg-primary/12", success: "bg-success/12", warning: "bg-warning/15", destructive: "bg-destructive/12",
  info: "bg-info/12",
};

function hueTone(red: number, green: number, blue: number): Tone {
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  if (span < 40) return "neutral";
  const sector = most === red ? ((green - blue) / span + 6) % 6 : most === green ? (blue - red) / span + 2 : (red - green) / span + 4;
  const hue = sector * 60;
  if (hue < 18 || hue >= 335) return "destructive";
  if (hue < 70) return "warning";
  if (hue < 172) return "success";
  return hue < 205 ? "info" : "primary";
}

/** Return the token's tone that a colour is nearest to; null when there is no colour. */
export function toneOf(colour: unknown): Tone | null {
  const text = textOf(colour).trim().toLowerCase();
  if (!text) return null;
  const hex = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(text)?.[1];
  if (hex) {
    const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
    const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16));
    return hueTone(red, green, blue);
  }
  return TONES[text.replace(/^(?:text|bg|border)-/, "").replace(/-\d+$/, "")] ?? "neutral";
}

/** Utility classes a document may name; their colours are translated, everything else is dropped. */
const UTILITIES: Record<string, string> = {
  "font-bold": "font-bold", "font-semibold": "font-semibold", "font-medium": "font-medium", "font-mono": "font-mono", italic: "italic",
  underline: "underline", "line-through": "line-through", uppercase: "uppercase", lowercase: "lowercase", capitalize: "capitalize",
  truncate: "inline-block max-w-full truncate align-bottom", "text-xs": "text-xs", "text-sm": "text-sm", "opacity-50": "text-muted-foreground",
  "whitespace-pre": "whitespace-pre", "whitespace-nowrap": "whitespace-nowrap",
};
const CASES: Record<string, string> = { uppercase: "uppercase", lowercase: "lowercase", capitalize: "capitalize" };

function utilityClass(name: string): string {
  const own = UTILITIES[name];
  if (own) return own;
  const colour = /^(text|bg)-([a-z]+)(?:-\d+)?$/.exec(name);
  const tone = colour && (TONES[colour[2] ?? ""] ?? (/^(?:gray|grey|slate|zinc|neutral|stone|muted)$/.test(colour[2] ?? "") ? "neutral" : null));
  if (!colour || !tone) return "";
  return colour[1] === "bg" ? `${FILL[tone]} rounded px-1` : TEXT[tone];
}

export interface TextLook {
  class: string;
  maxWidthCh: number | null;
  maxLines: number | null;
}

/** Return the style that a document gives a node. */
export function styleOf(node: ClickyNode): unknown {
  return node.style; // eslint-disable-line no-restricted-properties -- a field of data, not an element's style
}

/** Return what a node's style means here: classes of tokens, never a colour of its own. */
export function styleLook(node: ClickyNode): TextLook {
  const style = styleOf(node);
  if (!isRecord(style)) return { class: "", maxWidthCh: null, maxLines: null };
  const foreground = toneOf(style.color);
  const background = toneOf(style.backgroundColor);
  const parts = [
    ...textOf(style.className).split(/\s+/).map(utilityClass),
    foreground && TEXT[foreground],
    background && `${FILL[background]} rounded px-1`,
    style.bold === true && "font-semibold",
    style.faint === true && "text-muted-foreground",
    style.italic === true && "italic",
    style.underline === true && "underline",
    style.strikethrough === true && "line-through",
    style.monospace === true && "font-mono text-xs",
    CASES[textOf(style.textTransform)],
  ];
  const positive = (value: unknown) => (typeof value === "number" && value > 0 ? value : null);
  return { class: parts.filter(Boolean).join(" "), maxWidthCh: positive(style.maxWidth), maxLines: positive(style.maxLines) };
}

/** Cut text to a width where the style says so: its end, its beginning, or its middle goes. */
export function truncateText(text: string, node: ClickyNode): string {
  const style = styleOf(node);
  if (!isRecord(style) || typeof style.maxWidth !== "number" || style.maxWidth < 2 || text.length <= style.maxWidth || text.includes("\n")) return text;
  const room = Math.floor(style.maxWidth) - 1;
  if (style.truncateMode === "prefix") return `…${text.slice(-room)}`;
  if (style.truncateMode === "headtail") return `${text.slice(0, Math.ceil(room / 2))}…${text.slice(text.length - Math.floor(room / 2))}`;
  return style.truncateMode === "suffix" ? `${text.slice(0, room)}…` : text;
}

const STATUS: readonly (readonly [RegExp, Tone])[] = [
  [/^(?:healthy|running|ok|ready|active|success|succeeded|passed|pass|up|online|complete|completed|true|yes)$/i, "success"],
  [/^(?:warning|warn|degraded|pending|progressing|unknown|waiting|backing.?off|idle in transaction.*)$/i, "warning"],
  [/^(?:unhealthy|failed|fail|failing|error|down|crashloopbackoff|critical|dead|offline|missing)$/i, "destructive"],
];

/** Return the tone that a status word has. */
export function statusTone(word: string): Tone {
  return STATUS.find(([pattern]) => pattern.test(word.trim()))?.[1] ?? "neutral";
}
