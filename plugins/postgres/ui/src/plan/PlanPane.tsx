import { Failure, Skeleton, type Action } from "@mission-control/plugin-ui";
import type { PlanAnswer } from "./api.ts";
import { PlanView } from "./PlanView.tsx";
import type { PlanAsked } from "./usePlan.ts";

/** The place of the results while a plan is asked for or shown. */
export function PlanPane({ plan }: { plan: Action<PlanAsked, PlanAnswer> }) {
  if (plan.isRunning) return <Skeleton rows={8} />;
  if (plan.error) return <Failure error={plan.error} what="the plan" />;
  return plan.result ? <PlanView key={plan.result.plan} answer={plan.result} /> : <Skeleton rows={8} />;
}
