export interface PlanNode {
  id: string;
  nodeType: string;
  label: string;
  relation?: string;
  index?: string;
  parentRelationship?: string;
  subplanName?: string;
  cost: number;
  rowsPlanned: number;
  rowsActual?: number;
  loops?: number;
  timeMs?: number;
  selfTimeMs?: number;
  selfPct?: number;
  costPct: number;
  buffers?: Record<string, number>;
  rowsRemoved?: number;
  rowsRemovedPct?: number;
  estimateFactor?: number;
  workersPlanned?: number;
  workersLaunched?: number;
  details: { name: string; value: string }[];
  flags: string[];
  children: PlanNode[];
}

export interface PlanFinding {
  nodeId: string;
  kind: string;
  severity: "critical" | "warning" | "info";
  title: string;
  detail: string;
}

/** What `explain` and `plan-read` answer. */
export interface PlanAnswer {
  plan: string;
  tree?: PlanNode;
  planningMs?: number;
  executionMs?: number;
  findings: PlanFinding[];
  settings?: Record<string, string>;
  triggers?: { name: string; timeMs: number; calls: number }[];
  rolledBack?: boolean;
  warnings?: string[];
}

export interface ExplainParams extends Record<string, unknown> {
  statement: string;
  database?: string;
  analyze?: boolean;
  buffers?: boolean;
  format: "json";
}
