const SPECIAL = /[.*+?^${}()|[\]\\]/g;

/** What a search looks for: an expression, or words as they are. */
export interface SearchText {
  query: string;
  isRegex: boolean;
  isCaseSensitive: boolean;
}

/** Return the source of the expression a search means, as the server takes it too. */
export function patternSource({ query, isRegex }: Pick<SearchText, "query" | "isRegex">): string {
  return isRegex ? query : query.replace(SPECIAL, "\\$&");
}

/** Return the expression a search means, null for none. Throws SyntaxError for a bad one. */
export function compileSearch(search: SearchText, flags = ""): RegExp | null {
  if (!search.query) return null;
  return new RegExp(patternSource(search), `${flags}${search.isCaseSensitive ? "" : "i"}`);
}

/** Return why an expression is bad, empty when it is good. */
export function patternFault(search: SearchText): string {
  try {
    compileSearch(search);
    return "";
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.replace(/^Invalid regular expression: /, "") : String(thrown);
  }
}

/** Split text at the matches of an expression: odd parts are hits. */
export function splitHits(text: string, pattern: RegExp | null, limit = 200): string[] {
  if (!pattern) return [text];
  const every = pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`);
  const parts: string[] = [];
  let last = 0;
  for (const match of text.matchAll(every)) {
    if (match[0] === "") continue;
    parts.push(text.slice(last, match.index), match[0]);
    last = match.index + match[0].length;
    if (parts.length > limit * 2) break;
  }
  parts.push(text.slice(last));
  return parts;
}
