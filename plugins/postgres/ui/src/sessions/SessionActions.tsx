import { Button, ConfirmDialog, FieldList, useAction, type OperationError } from "@mission-control/plugin-ui";
import { CircleCheck, CircleX } from "lucide-preact";
import { useState } from "preact/hooks";
import type { Session, SignalParams, SignalResult } from "../api.ts";
import { SqlText } from "../components/SqlText.tsx";
import { blockCount, outcomeText } from "../logic/sessions.ts";

type Signal = "cancel" | "terminate";

const WAIT_MS = 2000;
const ACTIONS: Record<Signal, { label: (pid: number) => string; effect: string }> = {
  cancel: { label: (pid) => `Cancel query of ${pid}`, effect: "The query stops with an error. The session and its transaction stay." },
  terminate: { label: (pid) => `Terminate pid ${pid}`, effect: "The connection is closed and its transaction is rolled back." },
};

function Outcome({ signal, result, error }: { signal: Signal; result?: SignalResult; error: OperationError | null }) {
  if (!result && !error) return null;
  const isGood = result?.ok === true;
  return (
    <p role="status" class={`mb-1.5 flex items-start gap-1.5 ${isGood ? "text-success-text" : "text-destructive"}`}>
      {isGood ? <CircleCheck aria-hidden class="mt-0.5 size-4 shrink-0" /> : <CircleX aria-hidden class="mt-0.5 size-4 shrink-0" />}
      <span>
        {result ? outcomeText(signal, result) : error?.message}
        {error?.hint && <span class="block text-muted-foreground">{error.hint}</span>}
      </span>
    </p>
  );
}

function Affected({ session, effect }: { session: Session; effect: string }) {
  const fields = [
    { name: "pid", value: session.pid },
    { name: "user", value: session.user },
    { name: "database", value: session.database },
    { name: "application", value: session.applicationName || "–" },
  ];
  const waiting = blockCount(session);
  return (
    <div class="flex flex-col gap-3">
      <p>
        {effect}
        {waiting > 0 && ` ${waiting === 1 ? "One session waits" : `${waiting} sessions wait`} for it.`}
      </p>
      <FieldList fields={fields} />
      {session.query && (
        <pre class="max-h-40 overflow-auto rounded-control bg-muted p-2 break-words whitespace-pre-wrap">
          <SqlText sql={session.query} />
        </pre>
      )}
    </div>
  );
}

/** Cancel and terminate, each confirmed in the page, the outcome where the button is. */
export function SessionActions({ session, isGone, onChanged }: { session: Session; isGone: boolean; onChanged: () => void }) {
  const [asked, setAsked] = useState<Signal | null>(null);
  const [last, setLast] = useState<Signal>("cancel");
  const actions = {
    cancel: useAction<SignalParams, SignalResult>("session-cancel", onChanged),
    terminate: useAction<SignalParams, SignalResult>("session-terminate", onChanged),
  };
  const isRunning = actions.cancel.isRunning || actions.terminate.isRunning;
  const refusal = session.canSignal === false ? "This role may not signal this session" : isGone ? "The session has ended" : undefined;
  function confirm(signal: Signal) {
    setAsked(null);
    setLast(signal);
    actions.cancel.reset();
    actions.terminate.reset();
    actions[signal].run({ pid: session.pid, waitMs: WAIT_MS, ...(session.backendStart ? { backendStart: session.backendStart } : {}) });
  }
  return (
    <>
      <Outcome signal={last} result={actions[last].result} error={actions[last].error} />
      {refusal && !isGone && <p class="mb-1.5 text-xs text-muted-foreground">{refusal}.</p>}
      <div class="flex flex-wrap justify-between gap-2">
        <Button disabled={isRunning || refusal !== undefined || session.state !== "active"} title={refusal ?? (session.state === "active" ? undefined : "It runs no query")} onClick={() => setAsked("cancel")}>
          {actions.cancel.isRunning ? "Cancelling…" : "Cancel query"}
        </Button>
        <Button kind="destructive-outline" disabled={isRunning || refusal !== undefined} title={refusal} onClick={() => setAsked("terminate")}>
          {actions.terminate.isRunning ? "Terminating…" : `Terminate pid ${session.pid}`}
        </Button>
      </div>
      {asked && (
        <ConfirmDialog action={ACTIONS[asked].label(session.pid)} onConfirm={() => confirm(asked)} onCancel={() => setAsked(null)}>
          <Affected session={session} effect={ACTIONS[asked].effect} />
        </ConfirmDialog>
      )}
    </>
  );
}
