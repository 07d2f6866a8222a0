import { isKeyword, tokenizeSql, type Token } from "../logic/sqlTokens.ts";

function tokenClass(token: Token): string {
  if (token.kind === "word") return isKeyword(token.text) ? "tok-keyword" : "";
  if (token.kind === "space" || token.kind === "quoted") return "";
  return `tok-${token.kind}`;
}

/** SQL as highlighted text, without the editor. */
export function SqlText({ sql }: { sql: string }) {
  return (
    <code class="font-mono text-xs">
      {tokenizeSql(sql).map((token) => {
        const name = tokenClass(token);
        return name ? (
          <span key={token.from} class={name}>
            {token.text}
          </span>
        ) : (
          token.text
        );
      })}
    </code>
  );
}
