import { classes } from "@mission-control/plugin-ui";
import { Lock, Pencil } from "lucide-preact";
import type { QueryMode } from "../api.ts";

const MODES = [
  { mode: "read", label: "Read", Icon: Lock, title: "Statements that only read; all else is refused" },
  { mode: "write", label: "Write", Icon: Pencil, title: "Statements may change data; asks first" },
] as const;

/** Whether statements may write. */
export function ModeSwitch({ mode, isDisabled, onChange }: { mode: QueryMode; isDisabled: boolean; onChange: (mode: QueryMode) => void }) {
  return (
    <div role="radiogroup" aria-label="Mode" class={classes("flex h-control-h shrink-0 overflow-hidden rounded-control border", mode === "write" ? "border-destructive" : "border-input")}>
      {MODES.map(({ mode: own, label, Icon, title }) => {
        const isOn = own === mode;
        return (
          <button
            key={own}
            type="button"
            role="radio"
            aria-checked={isOn}
            disabled={isDisabled}
            title={title}
            onClick={() => !isOn && onChange(own)}
            class={classes(
              "flex items-center gap-1 px-2 text-xs disabled:opacity-50",
              isOn && own === "write" && "bg-destructive font-medium text-destructive-foreground",
              isOn && own === "read" && "bg-accent font-medium",
              !isOn && "text-muted-foreground hover:bg-accent",
            )}
          >
            <Icon aria-hidden class="size-3" />
            {label}
          </button>
        );
      })}
    </div>
  );
}
