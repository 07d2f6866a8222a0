import { Badge, classes, formatDuration, oneLine, StatusDot } from "@mission-control/plugin-ui";
import { SqlText } from "../components/SqlText.tsx";
import { nodeName, waitText, type LockLine } from "../logic/lockTree.ts";

const INDENTS = ["pl-2", "pl-7", "pl-12", "pl-17", "pl-22", "pl-27", "pl-32"];

/** One node of the tree: who, what it waits for, how long, its query in one line. */
export function LockRow({ line, isSelected, onSelect }: { line: LockLine; isSelected: boolean; onSelect: () => void }) {
  const { node, depth } = line;
  const isRoot = depth === 0;
  const age = isRoot ? node.xactAgeMs : node.waitMs;
  return (
    <li role="treeitem" aria-level={depth + 1} aria-selected={isSelected} class="border-b">
      <button type="button" onClick={onSelect} class={classes("flex w-full min-w-0 flex-col gap-0.5 py-1.5 pr-3 text-left hover:bg-accent", INDENTS[Math.min(depth, INDENTS.length - 1)], isSelected && "bg-accent")}>
        <span class="flex w-full min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5">
          {isRoot ? <StatusDot shape="diamond" tone="destructive" label="root of the wait" /> : <StatusDot shape={node.edge === "queue" ? "ring" : "triangle"} tone="warning" label={node.edge === "queue" ? "stands in the queue" : "waits"} />}
          <span class="font-medium tabular-nums">{nodeName(node)}</span>
          <span class="text-muted-foreground">{[node.user, node.applicationName, node.database].filter(Boolean).join(" · ")}</span>
          {node.kind !== "backend" && <Badge>{node.kind}</Badge>}
          {isRoot && <Badge tone="destructive">blocks {node.blockedCount}</Badge>}
          {node.edge === "queue" && <Badge title="It does not hold the lock; it stands ahead in the queue for it">ahead in the queue</Badge>}
          <span class="ml-auto shrink-0 tabular-nums" title={isRoot ? "age of its transaction" : "has waited"}>
            {formatDuration(age)}
          </span>
        </span>
        {node.waitingFor && <span class="text-xs text-warning-text">waits for {waitText(node)}</span>}
        {node.note && <span class="text-xs text-muted-foreground">{node.note}</span>}
        {node.query && (
          <span class={classes("min-w-0 max-w-full truncate", node.lastQuery && "opacity-70")}>
            <SqlText sql={oneLine(node.query, 240)} />
          </span>
        )}
      </button>
    </li>
  );
}
