import { X } from "lucide-preact";
import { useId } from "preact/hooks";
import { classes } from "../classes.ts";
import { useDraft } from "../hooks/useDraft.ts";

export interface ComboBoxProps {
  label: string;
  value: string;
  /** What is known; anything else may be typed. */
  options: readonly string[];
  onChange: (value: string) => void;
  /** What an empty field shows; its label when left out. */
  placeholder?: string;
  class?: string;
}

/** A filter by a value that may be typed or taken from what is known. */
export function ComboBox({ label, value, options, onChange, placeholder = label, class: extra }: ComboBoxProps) {
  const id = useId();
  const [draft, setDraft] = useDraft(value, onChange);
  return (
    <span class={classes("relative inline-flex min-w-0 items-center", extra)}>
      <input
        type="text"
        list={id}
        aria-label={label}
        title={label}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !draft) return;
          event.stopPropagation();
          setDraft("");
        }}
        class={classes(
          "h-control-h w-full min-w-0 rounded-control border bg-card pr-5 pl-2 text-sm [&::-webkit-calendar-picker-indicator]:hidden!",
          value ? "border-primary/60 text-primary" : "border-input",
        )}
      />
      <datalist id={id}>
        {options.map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
      {draft && (
        <button type="button" aria-label={`Clear ${label.toLowerCase()}`} class="absolute right-0.5 p-1 text-muted-foreground hover:text-foreground" onClick={() => setDraft("")}>
          <X class="size-3" />
        </button>
      )}
    </span>
  );
}
