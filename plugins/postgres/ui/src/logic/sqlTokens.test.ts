import { expect, test } from "vitest";
import { tokenizeSql } from "./sqlTokens.ts";

function kinds(sql: string): string[] {
  return tokenizeSql(sql).filter((token) => token.kind !== "space").map((token) => `${token.kind}:${token.text}`);
}

test("tokens together are the whole text", () => {
  const sql = "select 'it''s', $a$ $$ ; $a$, \"a\"\"b\" -- c\n/* x /* y */ z */ from t where n >= 1.5e3 and 'open";
  expect(tokenizeSql(sql).map((token) => token.text).join("")).toBe(sql);
});

test.each([
  ["'a''b'", ["string:'a''b'"]],
  ["E'a\\'b'", ["string:E'a\\'b'"]],
  ["$x$ ' $x$", ["string:$x$ ' $x$"]],
  ["$1 + 2", ["punctuation:$", "number:1", "punctuation:+", "number:2"]],
  ["/* a /* b */ c */ x", ["comment:/* a /* b */ c */", "word:x"]],
  ["\"Select\" größe", ["quoted:\"Select\"", "word:größe"]],
  ["'never closed", ["string:'never closed"]],
])("%s", (sql, expected) => expect(kinds(sql)).toEqual(expected));
