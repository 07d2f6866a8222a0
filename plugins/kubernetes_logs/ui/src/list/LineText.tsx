import { parseAnsi } from "../logic/ansi.ts";
import { summarise } from "../logic/fields.ts";
import { splitHits } from "../logic/patterns.ts";

export interface LineTextProps {
  text: string;
  pattern: RegExp | null;
  isPretty: boolean;
  /** Fields that stand elsewhere. */
  omitted?: readonly string[];
}

function Marked({ text, pattern, look }: { text: string; pattern: RegExp | null; look?: string }) {
  const parts = splitHits(text, pattern);
  if (parts.length === 1) return look ? <span class={look}>{text}</span> : <>{text}</>;
  return (
    <span class={look}>
      {parts.map((part, at) =>
        at % 2 ? (
          <mark key={at} class="rounded-sm bg-warning/40 text-foreground">
            {part}
          </mark>
        ) : (
          part
        ),
      )}
    </span>
  );
}

/** A line as one reads it: colours of the terminal, JSON by its message, hits marked. */
export function LineText({ text, pattern, isPretty, omitted }: LineTextProps) {
  const summary = isPretty ? summarise(text, omitted) : null;
  if (summary) {
    return (
      <>
        <Marked text={summary.message} pattern={pattern} />
        {summary.rest.map(([name, value]) => (
          <span key={name} class="ml-2">
            <span class="text-muted-foreground">{name}=</span>
            <Marked text={value} pattern={pattern} look="text-info-text" />
          </span>
        ))}
      </>
    );
  }
  const spans = parseAnsi(text);
  return (
    <>
      {spans.map((span, at) => (
        <Marked key={at} text={span.text} pattern={pattern} look={span.look || undefined} />
      ))}
    </>
  );
}
