import { Button, CopyButton, formatDuration, StatusDot } from "@mission-control/plugin-ui";
import { useMemo, useState } from "preact/hooks";
import { severityLook } from "../logic/findings.ts";
import { firstChosen, planLines } from "../logic/planTree.ts";
import type { PlanAnswer } from "./api.ts";
import { PlanDetails } from "./PlanDetails.tsx";
import { PlanRow } from "./PlanRow.tsx";

function Head({ answer, isText, onText }: { answer: PlanAnswer; isText: boolean; onText: (isText: boolean) => void }) {
  const times = [
    answer.executionMs === undefined ? "" : `ran ${formatDuration(answer.executionMs)}`,
    answer.planningMs === undefined ? "" : `planned ${formatDuration(answer.planningMs)}`,
    answer.rolledBack ? "rolled back" : "",
  ].filter(Boolean);
  return (
    <div class="flex shrink-0 items-center gap-2 border-b px-3 py-1 text-xs text-muted-foreground tabular-nums">
      <span>{times.join(" · ") || "estimated: the statement was not run"}</span>
      <span class="ml-auto flex items-center gap-1">
        <CopyButton label="Copy plan" text={answer.plan} />
        {answer.tree && (
          <Button kind="ghost" onClick={() => onText(!isText)}>
            {isText ? "As tree" : "As text"}
          </Button>
        )}
      </span>
    </div>
  );
}

/** A plan as a tree with the time of each node's own, what is odd above it, the chosen node beside it. */
export function PlanView({ answer }: { answer: PlanAnswer }) {
  const lines = useMemo(() => planLines(answer.tree), [answer.tree]);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [isText, setText] = useState(answer.tree === undefined);
  const chosen = lines.find(({ node }) => node.id === chosenId) ?? firstChosen(lines);
  return (
    <div class="flex min-h-0 min-w-0 flex-1 flex-col">
      <Head answer={answer} isText={isText} onText={setText} />
      {answer.warnings?.map((text) => (
        <p key={text} class="border-b bg-warning/10 px-3 py-1 text-xs text-warning-text">{text}</p>
      ))}
      {answer.findings.length > 0 && (
        <ul class="max-h-28 shrink-0 overflow-auto border-b">
          {answer.findings.map((finding) => {
            const look = severityLook(finding.severity);
            return (
              <li key={`${finding.nodeId} ${finding.kind}`}>
                <button type="button" class="flex w-full items-center gap-2 px-3 py-1 text-left hover:bg-accent" onClick={() => { setText(false); setChosenId(finding.nodeId); }}>
                  <StatusDot shape={look.shape} tone={look.tone} label={look.word} />
                  <span class="font-medium">{finding.title}</span>
                  <span class="min-w-0 truncate text-muted-foreground">{finding.detail}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {isText ? (
        <pre class="min-h-0 flex-1 overflow-auto p-3 font-mono text-xs">{answer.plan}</pre>
      ) : (
        <div class="flex min-h-0 flex-1 narrow:flex-col">
          <ul role="tree" aria-label="Plan" class="min-w-0 flex-1 overflow-auto">
            {lines.map((line) => (
              <PlanRow key={line.node.id} line={line} isSelected={line === chosen} onSelect={() => setChosenId(line.node.id)} />
            ))}
          </ul>
          {chosen && (
            <aside aria-label="Plan node" class="w-[min(24rem,42%)] shrink-0 overflow-auto border-l narrow:h-2/5 narrow:w-full narrow:border-t narrow:border-l-0">
              <PlanDetails node={chosen.node} findings={answer.findings.filter((finding) => finding.nodeId === chosen.node.id)} />
            </aside>
          )}
        </div>
      )}
    </div>
  );
}
