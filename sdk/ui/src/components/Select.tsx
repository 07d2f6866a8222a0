import { ChevronDown } from "lucide-preact";
import { classes } from "../classes.ts";

export interface SelectOption {
  value: string;
  label: string;
}

export interface SelectProps {
  label: string;
  value: string;
  options: readonly SelectOption[];
  onChange: (value: string) => void;
  isDisabled?: boolean;
  /** Marks a choice that differs from the default. */
  isSet?: boolean;
}

/** A native select in the kit's clothes: it works by keyboard, screen reader and finger as it is. */
export function Select({ label, value, options, onChange, isDisabled, isSet }: SelectProps) {
  return (
    <span class="relative inline-flex min-w-0">
      <select
        aria-label={label}
        title={label}
        value={value}
        disabled={isDisabled}
        onChange={(event) => onChange(event.currentTarget.value)}
        class={classes(
          "h-control-h max-w-40 min-w-0 appearance-none truncate rounded-control border bg-card pr-6 pl-2 text-sm hover:bg-accent disabled:opacity-50",
          isSet ? "border-primary/60 text-primary" : "border-input",
        )}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} class="bg-popover text-popover-foreground">
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden class="pointer-events-none absolute top-1/2 right-1.5 size-3.5 -translate-y-1/2 text-muted-foreground" />
    </span>
  );
}
