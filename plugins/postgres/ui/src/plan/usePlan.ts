import { callOperation, useCall, type Action } from "@mission-control/plugin-ui";
import { isPlanText } from "../logic/planText.ts";
import type { ExplainParams, PlanAnswer } from "./api.ts";

export interface PlanAsked {
  text: string;
  database: string;
  analyze: boolean;
}

/** Have a statement explained, or a pasted plan read; for the latter no server is asked. */
export function usePlan(): Action<PlanAsked, PlanAnswer> {
  return useCall(({ text, database, analyze }: PlanAsked) => {
    if (isPlanText(text)) return callOperation<PlanAnswer>("plan-read", { plan: text });
    const params: ExplainParams = { statement: text, analyze, buffers: analyze, format: "json", ...(database ? { database } : {}) };
    return callOperation<PlanAnswer>("explain", params);
  });
}
