import { Button, StatusDot } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import { SqlBlock } from "../components/SqlBlock.tsx";
import { severityLook } from "../logic/findings.ts";
import type { Finding } from "./api.ts";

/** One finding: what, the evidence, the next step, and the way to where it is seen in full. */
export function FindingCard({ finding, label, onOpen }: { finding: Finding; label: string | undefined; onOpen: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const look = severityLook(finding.severity);
  return (
    <li class="border-b px-3 py-2 last:border-b-0">
      <div class="flex items-start gap-2 narrow:flex-wrap">
        <span class="mt-1">
          <StatusDot shape={look.shape} tone={look.tone} label={look.word} />
        </span>
        <div class="min-w-0 flex-1">
          <p class="font-medium wrap-anywhere">{finding.title}</p>
          <p class="text-muted-foreground wrap-anywhere">{finding.evidence}</p>
          {isOpen && (
            <div class="mt-2 flex flex-col gap-2">
              <p>{finding.nextStep}</p>
              {finding.sql && <SqlBlock sql={finding.sql} />}
            </div>
          )}
        </div>
        <div class="flex shrink-0 justify-end gap-1 narrow:w-full narrow:pl-5 narrow:justify-start">
          <Button kind="ghost" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Less" : "What to do"}
          </Button>
          {label && <Button onClick={onOpen}>{label} →</Button>}
        </div>
      </div>
    </li>
  );
}
