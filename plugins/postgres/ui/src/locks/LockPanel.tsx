import { Button, FieldList, formatDuration, SidePanel } from "@mission-control/plugin-ui";
import { SqlBlock } from "../components/SqlBlock.tsx";
import { holdingText, nodeName, waitText } from "../logic/lockTree.ts";
import { SessionActions } from "../sessions/SessionActions.tsx";
import type { LockNode } from "./api.ts";

export interface LockPanelProps {
  node: LockNode;
  onClose: () => void;
  onChanged: () => void;
  onSession: () => void;
}

function fieldsOf(node: LockNode) {
  const fields = [
    { name: "user", value: node.user },
    { name: "database", value: node.database },
    { name: "application", value: node.applicationName },
    { name: "client", value: node.clientAddr },
    { name: "state", value: node.state },
    { name: "waits for", value: waitText(node) },
    { name: "waits since", value: node.waitMs === undefined ? "" : formatDuration(node.waitMs) },
    { name: "transaction", value: node.xactAgeMs === undefined ? "" : formatDuration(node.xactAgeMs) },
    { name: "holds", value: holdingText(node) },
    { name: "blocked by", value: (node.blockedBy ?? []).map((pid) => (pid ? String(pid) : "a prepared transaction")).join(", ") },
    { name: "blocks", value: node.blockedCount || "" },
  ];
  return fields.filter((field) => field.value !== undefined && field.value !== "");
}

/** All of one node, and what can be done about it. */
export function LockPanel({ node, onClose, onChanged, onSession }: LockPanelProps) {
  const name = nodeName(node);
  const session = { ...node, blocks: node.blockedCount, waitEventType: node.waitingFor ? "Lock" : undefined };
  const footer = node.pid ? <SessionActions session={session} isGone={false} onChanged={onChanged} /> : undefined;
  return (
    <SidePanel title={name} label={`Lock holder ${name}`} onClose={onClose} footer={footer}>
      <div class="flex flex-col gap-3 p-3">
        {node.query && <SqlBlock sql={node.query} title={node.lastQuery ? "Last query" : "Query"} database={node.database} />}
        {node.preparedGid && <SqlBlock sql={`ROLLBACK PREPARED '${node.preparedGid.replaceAll("'", "''")}';`} title="To end it" database={node.database} />}
        <FieldList fields={fieldsOf(node)} />
        {node.pid > 0 && <Button onClick={onSession}>Show the session →</Button>}
      </div>
    </SidePanel>
  );
}
