import { Badge, classes, formatDuration, formatPlural } from "@mission-control/plugin-ui";
import { Meter } from "../components/Meter.tsx";
import { estimateText, flagText, type PlanLine } from "../logic/planTree.ts";

const INDENTS = ["pl-2", "pl-6", "pl-10", "pl-14", "pl-18", "pl-22", "pl-26", "pl-30", "pl-34"];
const QUIET = new Set(["jit"]);

/** One node: what it does, how much of the time is its own, and what is odd about it. */
export function PlanRow({ line, isSelected, onSelect }: { line: PlanLine; isSelected: boolean; onSelect: () => void }) {
  const { node, depth } = line;
  const isTimed = node.selfTimeMs !== undefined;
  const share = isTimed ? node.selfPct : node.costPct;
  const isSlow = (share ?? 0) >= 40;
  const flags = node.flags.filter((flag) => !QUIET.has(flag));
  const estimate = estimateText(node.estimateFactor);
  return (
    <li role="treeitem" aria-level={depth + 1} aria-selected={isSelected} class="border-b">
      <button type="button" onClick={onSelect} class={classes("flex w-full min-w-0 items-center gap-2 py-1 pr-3 text-left hover:bg-accent", INDENTS[Math.min(depth, INDENTS.length - 1)], isSelected && "bg-accent", node.flags.includes("never_executed") && "opacity-60")}>
        <span class="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-0.5">
          <span class="min-w-0 truncate" title={node.label}>{node.label}</span>
          {flags.map((flag) => (
            <Badge key={flag} tone={flag === "slowest" || flag === "spill" ? "destructive" : "warning"}>
              {flag === "misestimate" && estimate ? `${estimate} rows than planned` : flagText(flag)}
            </Badge>
          ))}
        </span>
        <span class="shrink-0 text-xs text-muted-foreground tabular-nums narrow:hidden" title="rows">
          {formatPlural(node.rowsActual ?? node.rowsPlanned, "row")}
        </span>
        <Meter percent={share} tone={isSlow ? "destructive" : "primary"} />
        <span class="w-16 shrink-0 text-right tabular-nums" title={isTimed ? "time of its own" : "share of the cost"}>
          {isTimed ? formatDuration(node.selfTimeMs) : `${String(Math.round(share ?? 0))} %`}
        </span>
      </button>
    </li>
  );
}
