import { FieldList, formatBytes, formatCount, formatDuration } from "@mission-control/plugin-ui";
import { estimateText } from "../logic/planTree.ts";
import type { PlanFinding, PlanNode } from "./api.ts";

const BLOCK_BYTES = 8192;
const BUFFERS: [string, string][] = [
  ["sharedHit", "found in the cache"],
  ["sharedRead", "read from disk"],
  ["sharedDirtied", "changed"],
  ["sharedWritten", "written"],
  ["tempRead", "read from temporary files"],
  ["tempWritten", "written to temporary files"],
];

function fieldsOf(node: PlanNode) {
  const off = estimateText(node.estimateFactor);
  const workers = node.workersPlanned === undefined ? "" : `${String(node.workersLaunched ?? 0)} of ${String(node.workersPlanned)} planned`;
  return [
    { name: "time of its own", value: node.selfTimeMs === undefined ? "" : formatDuration(node.selfTimeMs) },
    { name: "time with children", value: node.timeMs === undefined ? "" : formatDuration(node.timeMs) },
    { name: "rows", value: node.rowsActual === undefined ? "" : `${formatCount(node.rowsActual)}${off ? `, ${off} than planned` : ""}` },
    { name: "rows planned", value: formatCount(node.rowsPlanned) },
    { name: "loops", value: node.loops !== undefined && node.loops > 1 ? formatCount(node.loops) : "" },
    { name: "rows thrown away", value: node.rowsRemoved ? formatCount(node.rowsRemoved) : "" },
    { name: "cost", value: node.cost.toLocaleString() },
    { name: "workers", value: workers },
    ...BUFFERS.map(([key, name]) => ({ name, value: node.buffers?.[key] ? formatBytes(node.buffers[key] * BLOCK_BYTES) : "" })),
  ].filter((field) => field.value !== "");
}

/** Everything of one node. */
export function PlanDetails({ node, findings }: { node: PlanNode; findings: readonly PlanFinding[] }) {
  return (
    <div class="flex flex-col gap-3 p-3">
      <h3 class="text-base font-semibold wrap-anywhere">{node.label}</h3>
      {findings.map((finding) => (
        <p key={finding.kind} class="rounded-control bg-warning/10 px-2 py-1.5">
          <span class="block font-medium">{finding.title}</span>
          {finding.detail}
        </p>
      ))}
      <FieldList fields={fieldsOf(node)} />
      {node.details.length > 0 && <FieldList fields={node.details.map((detail, id) => ({ id, name: detail.name.toLowerCase(), value: <code class="font-mono text-xs">{detail.value}</code> }))} />}
    </div>
  );
}
