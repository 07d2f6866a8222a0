/** Kinds of SQL text that are drawn or read differently. */
export type TokenKind = "word" | "quoted" | "string" | "number" | "comment" | "punctuation" | "space";

export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /\s+/y],
  ["comment", /--[^\n]*/y],
  ["string", /[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/y],
  ["string", /'(?:[^']|'')*(?:'|$)/y],
  ["quoted", /"(?:[^"]|"")*(?:"|$)/y],
  ["string", /(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?(?:\1|$)/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["word", /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ["punctuation", /[\s\S]/y],
];

/** Return the end of a block comment, which may hold others. */
function blockCommentEnd(text: string, from: number): number {
  let depth = 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}

/** Split SQL into tokens that together are the whole text. For display and completion; the server decides what is run. */
export function tokenizeSql(text: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  while (from < text.length) {
    let kind: TokenKind = "punctuation";
    let end = from + 1;
    if (text.startsWith("/*", from)) {
      kind = "comment";
      end = blockCommentEnd(text, from);
    } else {
      for (const [candidate, pattern] of PATTERNS) {
        pattern.lastIndex = from;
        const found = pattern.exec(text);
        if (!found) continue;
        kind = candidate;
        end = from + found[0].length;
        break;
      }
    }
    tokens.push({ kind, text: text.slice(from, end), from });
    from = end;
  }
  return tokens;
}

const KEYWORD_LIST =
  "all alter analyze and any array as asc begin between buffers by call cascade case cast check close cluster collate column commit concurrently " +
  "constraint copy create cross current_date current_timestamp cursor database declare default delete desc distinct do drop else end escape except execute " +
  "exists explain extension false fetch filter first for foreign from full function grant group having if ilike in index inner insert intersect " +
  "interval into is join key last lateral left like limit listen local lock materialized natural not nothing notify null nulls of offset on only " +
  "or order outer over owner partition prepare primary procedure publication reference references refresh reindex rename replace reset returning revoke " +
  "right role rollback row rows savepoint schema select sequence session set share show similar table tablesample temp temporary then " +
  "ties to transaction trigger true truncate type union unique update user using vacuum values verbose view when where window with without work";

export const SQL_KEYWORDS: ReadonlySet<string> = new Set(KEYWORD_LIST.split(" "));

export function isKeyword(word: string): boolean {
  return SQL_KEYWORDS.has(word.toLowerCase());
}
