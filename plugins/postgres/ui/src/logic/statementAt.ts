import type { Token } from "./sqlTokens.ts";

/** Return the tokens of the statement around a position, comments and spaces left out. */
export function statementTokens(tokens: readonly Token[], position: number): Token[] {
  let start = 0;
  let end = tokens.length;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "punctuation" || token.text !== ";") continue;
    if (token.from < position) start = index + 1;
    else {
      end = index;
      break;
    }
  }
  return tokens.slice(start, end).filter((token) => token.kind !== "space" && token.kind !== "comment");
}
