import { classes } from "@mission-control/plugin-ui";

export interface SectionChoice {
  id: string;
  label: string;
  count?: number;
}

/** Choose one of a tab's sections; the choice is part of the address. */
export function SectionSwitch({ sections, current, onChoose }: { sections: readonly SectionChoice[]; current: string; onChoose: (id: string) => void }) {
  return (
    <div role="radiogroup" aria-label="Section" class="flex max-w-full overflow-x-auto rounded-control border bg-card p-0.5 [scrollbar-width:none]">
      {sections.map((section) => (
        <button
          key={section.id}
          type="button"
          role="radio"
          aria-checked={section.id === current}
          onClick={() => onChoose(section.id)}
          class={classes("shrink-0 rounded-sm px-2 py-0.5 whitespace-nowrap", section.id === current ? "bg-accent font-medium" : "text-muted-foreground hover:text-foreground")}
        >
          {section.label}
          {section.count !== undefined && <span class="ml-1 text-xs font-normal text-muted-foreground tabular-nums">{section.count}</span>}
        </button>
      ))}
    </div>
  );
}
