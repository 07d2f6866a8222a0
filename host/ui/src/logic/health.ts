import type { StatusShape, Tone } from "@mission-control/plugin-ui";

export interface HealthLook {
  shape: StatusShape;
  tone: Tone;
  word: string;
}

const LOOKS: Record<string, HealthLook> = {
  healthy: { shape: "dot", tone: "success", word: "healthy" },
  warning: { shape: "triangle", tone: "warning", word: "warning" },
  unhealthy: { shape: "diamond", tone: "destructive", word: "unhealthy" },
};

/** Return shape, colour and word of a health; what nobody has measured is a ring. */
export function healthLook(health: string | undefined): HealthLook {
  return LOOKS[health ?? ""] ?? { shape: "ring", tone: "neutral", word: health || "unknown" };
}

export const HEALTHS = ["unhealthy", "warning", "healthy", "unknown"] as const;
