import { IconButton } from "@mission-control/plugin-ui";
import { X } from "lucide-preact";
import type { FieldTerm, FilterSpec } from "../protocol.ts";

export interface FilterLineProps {
  terms: readonly FieldTerm[];
  pattern: string;
  onChange: (changes: Partial<FilterSpec>) => void;
}

/** Fields that lines must or must not have and the pattern they must be of, each with a way out. */
export function FilterLine({ terms, pattern, onChange }: FilterLineProps) {
  if (!terms.length && !pattern) return null;
  return (
    <div class="flex flex-wrap items-center gap-1 border-b bg-card px-density-2 py-0.5 text-xs" aria-label="Field filters">
      {terms.map((term) => (
        <span key={`${term.isNot} ${term.name} ${term.value}`} class="flex max-w-full items-center rounded-control bg-primary/12 pl-2 text-primary">
          <span class="truncate">
            {term.name} {term.isNot ? "≠" : "="} <span class="font-mono">{term.value}</span>
          </span>
          <IconButton label={`Remove the filter on ${term.name}`} class="size-5!" onClick={() => onChange({ terms: terms.filter((one) => one !== term) })}>
            <X class="size-3" />
          </IconButton>
        </span>
      ))}
      {pattern && (
        <span class="flex max-w-full items-center rounded-control bg-primary/12 pl-2 text-primary">
          <span class="truncate" title={pattern}>
            like <span class="font-mono">{pattern}</span>
          </span>
          <IconButton label="Remove the filter on a pattern" class="size-5!" onClick={() => onChange({ pattern: "" })}>
            <X class="size-3" />
          </IconButton>
        </span>
      )}
    </div>
  );
}
