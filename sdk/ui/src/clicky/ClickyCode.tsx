import { CopyButton } from "../components/CopyButton.tsx";
import type { PartProps } from "./ClickyPart.tsx";
import { textOf } from "./node.ts";

/** Source as it is, to copy. */
export function ClickyCode({ node }: PartProps) {
  const source = textOf(node.source) || textOf(node.plain);
  const language = textOf(node.language);
  return (
    <div class="relative min-w-0 rounded-control border bg-muted">
      <pre class="max-h-96 overflow-auto p-2.5 pr-9 font-mono text-xs whitespace-pre">
        <code data-language={language || undefined}>{source}</code>
      </pre>
      <span class="absolute top-0.5 right-0.5 flex items-center gap-1 text-xs text-muted-foreground">
        <span aria-hidden class="narrow:hidden">{language}</span>
        <CopyButton label={`Copy ${language || "code"}`} text={source} />
      </span>
    </div>
  );
}
