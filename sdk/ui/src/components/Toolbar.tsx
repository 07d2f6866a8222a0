import { SlidersHorizontal } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { classes } from "../classes.ts";
import { useIsNarrow } from "../hooks/useMedia.ts";
import { Badge } from "./Badge.tsx";
import { Button } from "./Button.tsx";

export interface ToolbarProps {
  /** What stays in view on a narrow screen, such as the search box. */
  lead?: ComponentChildren;
  /** Filters: behind one button on a narrow screen. */
  children?: ComponentChildren;
  /** How many filters are set. */
  setCount?: number;
  end?: ComponentChildren;
}

/** The one line of controls above a tab's data. */
export function Toolbar({ lead, children, setCount = 0, end }: ToolbarProps) {
  const isNarrow = useIsNarrow();
  const [isOpen, setOpen] = useState(false);
  return (
    <div role="toolbar" class="flex flex-wrap items-center gap-x-2 gap-y-1 border-b bg-card px-density-2 py-density-1">
      {lead}
      {isNarrow && children && (
        <Button icon={<SlidersHorizontal class="size-3.5" />} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Filters {setCount > 0 && <Badge tone="primary">{setCount}</Badge>}
        </Button>
      )}
      {(!isNarrow || isOpen) && <div class={classes("flex flex-wrap items-center gap-x-2 gap-y-1", isNarrow && "order-last w-full")}>{children}</div>}
      {end && <div class="ml-auto flex items-center gap-1">{end}</div>}
    </div>
  );
}
