import { StatusDot } from "@mission-control/plugin-ui";
import { healthLook } from "../logic/health.ts";

/** Health as shape and colour. */
export function HealthMark({ health }: { health: string | undefined }) {
  const look = healthLook(health);
  return <StatusDot shape={look.shape} tone={look.tone} label={look.word} />;
}
