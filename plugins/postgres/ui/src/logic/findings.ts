import type { StatusShape, Tone } from "@mission-control/plugin-ui";
import type { Check, Severity } from "../overview/api.ts";

export interface SeverityLook {
  shape: StatusShape;
  tone: Tone;
  word: string;
}

const LOOKS: Record<Severity, SeverityLook> = {
  critical: { shape: "diamond", tone: "destructive", word: "critical" },
  warning: { shape: "triangle", tone: "warning", word: "warning" },
  info: { shape: "dot", tone: "info", word: "note" },
};

/** Return how a severity is drawn: a shape and a word beside the colour. */
export function severityLook(severity: Severity): SeverityLook {
  return LOOKS[severity];
}

/** Return the heading above the findings. */
export function headline(counts: Record<Severity, number>): string {
  const urgent = counts.critical + counts.warning;
  if (urgent === 0) return counts.info === 0 ? "Nothing needs attention" : "Nothing needs attention now";
  return urgent === 1 ? "1 thing needs attention" : `${String(urgent)} things need attention`;
}

/** Return the check's name as words: `idle_in_transaction` is `idle in transaction`. */
export function checkName(kind: string): string {
  return kind.replaceAll("_", " ");
}

/** Return the checks that could not be made: they are not passed. */
export function unmade(checks: readonly Check[]): Check[] {
  return checks.filter((check) => check.state === "unavailable");
}
