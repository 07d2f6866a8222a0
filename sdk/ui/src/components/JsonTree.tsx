import { ChevronRight } from "lucide-preact";
import { useState } from "preact/hooks";
import { classes } from "../classes.ts";

function scalarClass(value: unknown): string {
  if (value === null) return "italic text-muted-foreground";
  if (typeof value === "number") return "tok-number";
  if (typeof value === "boolean") return "tok-bool";
  return "tok-string";
}

function scalarText(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** JSON as a tree that opens; the first levels are open, the rest is drawn when it is. */
export function JsonTree({ name, value, depth = 0 }: { name?: string; value: unknown; depth?: number }) {
  const [isOpen, setOpen] = useState(depth < 2);
  const label = name !== undefined && <span class="text-muted-foreground">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div class="pl-4 font-mono text-xs break-all">
        {label}
        <span class={scalarClass(value)}>{scalarText(value)}</span>
      </div>
    );
  }
  const entries = Object.entries(value);
  const summary = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} class={classes("group/json font-mono text-xs", depth > 0 && "pl-1")}>
      <summary class="flex list-none items-center gap-0.5 hover:text-primary">
        <ChevronRight aria-hidden class="size-3 shrink-0 transition-transform group-open/json:rotate-90 [details:not([open])>summary>&]:rotate-0" />
        {label}
        <span class="text-muted-foreground">{summary}</span>
      </summary>
      {isOpen && (
        <div class="ml-1.5 border-l pl-1">
          {entries.map(([key, child]) => (
            <JsonTree key={key} name={key} value={child} depth={depth + 1} />
          ))}
        </div>
      )}
    </details>
  );
}
