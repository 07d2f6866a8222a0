import { Button, classes } from "@mission-control/plugin-ui";
import { useContext } from "preact/hooks";
import { renderStamp } from "../logic/stamps.ts";
import type { DrawItem, Rule, RuleTone } from "../protocol.ts";
import { RowsContext, type RowContext } from "./context.ts";

const TONES: Record<RuleTone, string> = {
  neutral: "text-muted-foreground",
  info: "text-primary",
  warning: "text-warning-text",
  destructive: "text-destructive",
};

/** Something that happened, as a rule across the list. */
export function RuleRow({ item, index, rule }: { item: DrawItem; index: number; rule: Rule }) {
  const rows = useContext(RowsContext) as RowContext;
  const canExplain = Boolean(rule.container && rule.pod) && (rule.kind === "death" || rule.tone === "destructive");
  return (
    <div
      data-id={item.id}
      data-index={index}
      role="separator"
      class={classes("flex items-center gap-2 border-l-2 border-transparent px-1 font-sans text-xs leading-5", TONES[rule.tone], rows.currentId === item.id && "border-primary! bg-accent/60!")}
      title={rule.detail ? `${rule.text}\n${rule.detail}` : rule.text}
    >
      <span class="h-px w-6 shrink-0 bg-current opacity-40 narrow:w-2" />
      {rows.stampChars > 0 && item.stamp && <span class="shrink-0 font-mono tabular-nums opacity-80">{renderStamp(item.stamp, rows.stamps, rows.nowMs)}</span>}
      <span class={classes("min-w-0 truncate", rule.detail && "max-w-3/4 shrink-0 narrow:max-w-full narrow:shrink")}>{rule.text}</span>
      {rule.detail && <span class="min-w-0 truncate opacity-75 narrow:hidden">{rule.detail}</span>}
      {canExplain && (
        <Button kind="ghost" class="h-5! px-1.5! text-xs! text-primary!" onClick={() => rows.showDeath(rule)}>
          Why?
        </Button>
      )}
      <span class="h-px min-w-4 flex-1 bg-current opacity-40" />
    </div>
  );
}
