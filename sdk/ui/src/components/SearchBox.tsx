import { Search, X } from "lucide-preact";
import { useRef } from "preact/hooks";
import { classes } from "../classes.ts";
import { useDraft } from "../hooks/useDraft.ts";
import { useHotkeys } from "../hooks/useHotkeys.ts";

export interface SearchBoxProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Take the key `/` of the page. */
  hasHotkey?: boolean;
  /** Wait for a pause in typing; what filters rows at hand needs none. */
  pauseMs?: number;
  class?: string;
}

/** Text that filters: applied after a short pause, emptied by Esc, reached by `/`. */
export function SearchBox({ label, value, onChange, hasHotkey = true, pauseMs, class: extra }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useDraft(value, onChange, pauseMs);
  useHotkeys({ "/": () => input.current?.select() }, hasHotkey);
  return (
    <label class={classes("relative flex min-w-0 items-center", extra)}>
      <Search aria-hidden class="pointer-events-none absolute left-2 size-3.5 text-muted-foreground" />
      <input
        ref={input}
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        spellcheck={false}
        autocomplete="off"
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (draft) setDraft("");
          else input.current?.blur();
        }}
        class="h-control-h w-full min-w-0 rounded-control border border-input bg-card pr-6 pl-7 text-sm"
      />
      {draft && (
        <button type="button" aria-label="Clear search" class="absolute right-1 p-1 text-muted-foreground hover:text-foreground" onClick={() => setDraft("")}>
          <X class="size-3.5" />
        </button>
      )}
    </label>
  );
}
