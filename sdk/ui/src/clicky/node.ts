/** A node of a clicky document. Fields are read one by one, since anybody may have written them. */
export interface ClickyNode {
  kind: string;
  [field: string]: unknown;
}

/** The kinds that are drawn; others are shown as JSON. */
const KINDS = new Set([
  "text", "link", "link-command", "icon", "list", "map", "table", "tree", "code", "heading", "blockquote", "admonition",
  "footnote-ref", "footnote", "footnotes", "collapsed", "stacktrace", "button", "button-group", "html", "comment", "badge",
  "object-graph", "execution-tree",
]);

export type JsonRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isKnownNode(value: unknown): value is ClickyNode {
  return isRecord(value) && typeof value.kind === "string" && KINDS.has(value.kind);
}

/** Return a scalar as text, anything else as nothing. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Return any part of a document as a node: text for scalars, JSON for data. */
export function asNode(value: unknown): ClickyNode {
  if (value === null || value === undefined) return { kind: "text", text: "" };
  if (isRecord(value) && typeof value.kind === "string") return value as ClickyNode;
  if (typeof value === "object") return { kind: "json", value };
  return { kind: "text", text: textOf(value) };
}

export function nodesOf(value: unknown): ClickyNode[] {
  return listOf(value).map(asNode);
}

/** Parts that hold text, in reading order. */
const TEXT_PARTS = ["label", "content", "children", "items", "roots", "causedBy"] as const;
const MAX_DEPTH = 50;

/** Return the words of a node: its `plain` fallback, else what it would show. */
export function plainText(part: unknown, depth = 0): string {
  if (Array.isArray(part)) return part.map((one) => plainText(one, depth + 1)).filter(Boolean).join(" ");
  if (!isRecord(part) || depth > MAX_DEPTH) return textOf(part);
  if (typeof part.plain === "string" && part.plain) return part.plain;
  if (part.kind === "badge") return [part.badgeLabel, part.badgeValue].map(textOf).filter(Boolean).join(": ");
  if (part.kind === "json") return JSON.stringify(part.value);
  if (part.kind === "map") {
    return listOf(part.fields).filter(isRecord).map((field) => `${textOf(field.label) || textOf(field.name)}=${plainText(field.value, depth + 1)}`).join(", ");
  }
  const own = textOf(part.text) || textOf(part.source) || textOf(part.unicode) || textOf(part.message);
  const rest = TEXT_PARTS.map((name) => plainText(part[name], depth + 1)).filter(Boolean);
  return [own, ...rest].filter(Boolean).join(part.kind === "text" ? "" : " ");
}

const BLOCK_KINDS = new Set([
  "table", "tree", "code", "heading", "blockquote", "admonition", "footnote", "footnotes", "collapsed", "stacktrace", "button-group",
  "object-graph", "execution-tree",
]);

/** Return whether a node takes lines of its own, as opposed to standing in one. */
export function isBlock(node: ClickyNode): boolean {
  if (BLOCK_KINDS.has(node.kind)) return true;
  if (node.kind === "map") return listOf(node.fields).length > 0;
  if (node.kind === "list") return node.inline !== true && listOf(node.items).length > 0;
  if (node.kind === "json") return typeof node.value === "object" && node.value !== null && Object.keys(node.value).length > 0;
  if (node.kind === "html") return /<(?:p|div|table|ul|ol|dl|pre|h[1-6]|blockquote|details|hr|figure)\b/i.test(textOf(node.html));
  if (node.kind === "text") return nodesOf(node.children).some(isBlock);
  return false;
}
