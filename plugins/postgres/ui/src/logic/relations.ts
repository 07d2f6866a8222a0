import { isKeyword, type Token } from "./sqlTokens.ts";

/** A name that a statement can use before a dot: a table, its alias, or a CTE. */
export interface Source {
  /** What stands before the dot: the alias when there is one. */
  name: string;
  schema?: string;
  /** Table or CTE behind it. */
  relation: string;
}

/** A `with` query and the columns it visibly has. */
export interface Cte {
  name: string;
  columns: string[];
}

/** Return an identifier as the server sees it: folded unless quoted. */
export function identifier(token: Token): string {
  return token.kind === "quoted" ? token.text.slice(1, -1).replaceAll('""', '"') : token.text.toLowerCase();
}

const isName = (token: Token | undefined): token is Token =>
  token !== undefined && (token.kind === "quoted" || (token.kind === "word" && !isKeyword(token.text)));
const isWord = (token: Token | undefined, ...words: string[]) => token?.kind === "word" && words.includes(token.text.toLowerCase());
const isMark = (token: Token | undefined, mark: string) => token?.kind === "punctuation" && token.text === mark;

/** Return the index after the bracket that closes the one at `open`. */
function afterBracket(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (isMark(tokens[at], "(")) depth += 1;
    if (isMark(tokens[at], ")")) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}

function readSource(tokens: readonly Token[], start: number): { source?: Source; next: number } {
  let at = start;
  while (isWord(tokens[at], "only", "lateral")) at += 1;
  if (isMark(tokens[at], "(")) {
    const next = afterBracket(tokens, at);
    const aliasAt = isWord(tokens[next], "as") ? next + 1 : next;
    const alias = tokens[aliasAt];
    return isName(alias) ? { source: { name: identifier(alias), relation: "" }, next: aliasAt + 1 } : { next };
  }
  const first = tokens[at];
  if (!isName(first)) return { next: at };
  const second = isMark(tokens[at + 1], ".") ? tokens[at + 2] : undefined;
  const isQualified = isName(second);
  const relation = identifier(isQualified ? second : first);
  at += isQualified ? 3 : 1;
  const aliasAt = isWord(tokens[at], "as") ? at + 1 : at;
  const alias = tokens[aliasAt];
  const source = { relation, schema: isQualified ? identifier(first) : undefined, name: isName(alias) ? identifier(alias) : relation };
  return { source, next: isName(alias) ? aliasAt + 1 : at };
}

/** Return what stands after FROM, JOIN, UPDATE and INTO, commas included. */
export function listSources(tokens: readonly Token[]): Source[] {
  const sources: Source[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    if (!isWord(tokens[at], "from", "join", "update", "into")) continue;
    let next = at + 1;
    for (;;) {
      const found = readSource(tokens, next);
      if (found.source) sources.push(found.source);
      if (!found.source || !isMark(tokens[found.next], ",")) break;
      next = found.next + 1;
    }
  }
  return sources;
}

function selectedColumns(body: readonly Token[]): string[] {
  const start = body.findIndex((token) => isWord(token, "select"));
  if (start < 0) return [];
  const names: string[] = [];
  let depth = 0;
  let last: Token | undefined;
  const take = () => {
    if (isName(last)) names.push(identifier(last));
    last = undefined;
  };
  for (const token of body.slice(start + 1)) {
    if (isMark(token, "(")) depth += 1;
    if (isMark(token, ")")) depth -= 1;
    if (depth === 0 && isWord(token, "from", "union", "where", "limit")) break;
    if (depth === 0 && isMark(token, ",")) take();
    else last = token;
  }
  take();
  return names;
}

/** Return the CTEs of a statement with the columns they name or select. */
export function listCtes(tokens: readonly Token[]): Cte[] {
  const ctes: Cte[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const name = tokens[at];
    const isStart = isWord(tokens[at - 1], "with", "recursive") || (isMark(tokens[at - 1], ",") && ctes.length > 0);
    if (!isStart || !isName(name)) continue;
    let next = at + 1;
    let named: string[] = [];
    if (isMark(tokens[next], "(")) {
      const end = afterBracket(tokens, next);
      named = tokens.slice(next + 1, end - 1).filter(isName).map(identifier);
      next = end;
    }
    if (!isWord(tokens[next], "as")) continue;
    next += 1;
    while (isWord(tokens[next], "not", "materialized")) next += 1;
    if (!isMark(tokens[next], "(")) continue;
    const body = tokens.slice(next + 1, afterBracket(tokens, next) - 1);
    ctes.push({ name: identifier(name), columns: named.length ? named : selectedColumns(body) });
  }
  return ctes;
}
