/** The part of a DOM node that cleaning reads, so that it runs without a browser too. */
export interface SourceNode {
  nodeType: number;
  nodeName: string;
  textContent: string | null;
  childNodes: ArrayLike<SourceNode>;
  getAttribute?: (name: string) => string | null;
}

/** Clean markup: text, or an allowed element. */
export type CleanNode = string | { tag: string; attributes: Record<string, string>; children: CleanNode[] };

const ELEMENT = 1;
const TEXT = 3;
const MAX_DEPTH = 100;
const TAGS = new Set(
  ("a abbr b blockquote br caption cite code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q s samp " +
    "small span strong sub summary sup table tbody td tfoot th thead time tr u ul var").split(" "),
);
/** What goes with all that it holds; other unknown elements leave their content behind. */
const DROPPED = new Set("script style iframe object embed template noscript svg math form input button select textarea link meta base head title audio video".split(" "));
const ATTRIBUTES: Record<string, readonly string[]> = {
  a: ["href"], td: ["colspan", "rowspan"], th: ["colspan", "rowspan", "scope"], ol: ["start"], details: ["open"], time: ["datetime"],
};
const EVERYWHERE = ["title", "lang", "dir"];

/** Return an address that may be followed: http, https, mailto, or within this site; null for any other. */
export function safeHref(href: unknown): string | null {
  if (typeof href !== "string") return null;
  // Browsers ignore control characters inside a scheme.
  const text = href.replace(/[\u0000-\u0020\u007f]/g, "");
  if (/^(?:https?|mailto):/i.test(text)) return href.trim();
  return text === "" || /^[^/?#]*:/.test(text) || text.startsWith("//") || text.startsWith("/\\") ? null : href.trim();
}

function cleanAttributes(node: SourceNode, tag: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of [...EVERYWHERE, ...(ATTRIBUTES[tag] ?? [])]) {
    const value = node.getAttribute?.(name) ?? null;
    const safe = name === "href" ? safeHref(value) : value;
    if (safe !== null) kept[name] = safe;
  }
  return kept;
}

/** Return the allowed part of parsed markup: listed elements with listed attributes, never a script, style or image. */
export function cleanNodes(nodes: ArrayLike<SourceNode>, depth = 0): CleanNode[] {
  return Array.from(nodes).flatMap((node): CleanNode[] => {
    if (node.nodeType === TEXT) return [node.textContent ?? ""];
    if (node.nodeType !== ELEMENT || depth > MAX_DEPTH) return [];
    const tag = node.nodeName.toLowerCase();
    if (DROPPED.has(tag)) return [];
    if (tag === "img") return [node.getAttribute?.("alt") ?? ""];
    const children = cleanNodes(node.childNodes, depth + 1);
    return TAGS.has(tag) ? [{ tag, attributes: cleanAttributes(node, tag), children }] : children;
  });
}
