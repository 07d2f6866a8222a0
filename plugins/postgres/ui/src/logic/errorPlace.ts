import type { OperationError } from "@mission-control/plugin-ui";

/** A range in the editor. */
export interface TextRange {
  from: number;
  to: number;
}

function numberFact(error: OperationError, name: string): number | undefined {
  const value = error.facts[name];
  return typeof value === "number" && value > 0 ? value : undefined;
}

/** Return where in the sent text an error points: line and column are 1-based and count characters, as PostgreSQL does. */
export function errorRange(error: OperationError, text: string): TextRange | null {
  const line = numberFact(error, "line");
  const column = numberFact(error, "column");
  const lines = text.split("\n");
  const content = line === undefined ? undefined : lines[line - 1];
  if (line === undefined || column === undefined || content === undefined) return null;
  const lineStart = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0);
  const inLine = [...content].slice(0, column - 1).join("").length;
  const from = Math.min(lineStart + inLine, text.length);
  const word = /^(?:"[^"]*"|[\w$\u0080-\uffff]+|[^\s\w])/.exec(text.slice(from))?.[0] ?? "";
  const to = from + word.length;
  return from === to ? { from: Math.max(0, from - 1), to: from } : { from, to };
}

/** Return an error's facts as lines for a person: what PostgreSQL adds to its message. */
export function errorFacts(error: OperationError): (readonly [name: string, value: string])[] {
  const shown = ["detail", "hint", "schema", "table", "columnName", "constraint"];
  const facts = shown.flatMap((name) => {
    const value = error.facts[name];
    return typeof value === "string" && value ? [[name === "columnName" ? "column" : name, value] as const] : [];
  });
  const hasHint = facts.some(([name]) => name === "hint");
  return error.hint && !hasHint ? [...facts, ["hint", error.hint] as const] : facts;
}
