import { Badge, Button, ConfirmDialog, formatTimer, useNow } from "@mission-control/plugin-ui";
import { Play, Square } from "lucide-preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { mustConfirm } from "../logic/confirmation.ts";
import { buildParams, shareableValues, type FormValues } from "../logic/formValues.ts";
import type { OfferedOperation } from "../logic/operations.ts";
import { findField, leafFields, readSchema, type FormField } from "../logic/schema.ts";
import { keepValues } from "../navigation.ts";
import { useRun } from "../useRun.ts";
import { fieldId, OperationFields } from "./OperationFields.tsx";
import { OperationResult } from "./OperationResult.tsx";

export interface OperationFormProps {
  offered: OfferedOperation;
  item: { id: string; name: string } | null;
  startValues: FormValues;
}

const ADDRESS_PAUSE_MS = 250;

function focusField(path: string | undefined): void {
  if (path) document.getElementById(fieldId(path))?.focus();
}

/** Values as entered, kept in the address after a pause. */
function useValues(fields: readonly FormField[], start: FormValues): [FormValues, (path: string, value: string) => void] {
  const [values, setValues] = useState(start);
  useEffect(() => {
    const timer = window.setTimeout(() => keepValues(shareableValues(fields, values)), ADDRESS_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [values, fields]);
  return [values, (path, value) => setValues((before) => ({ ...before, [path]: value }))];
}

function Elapsed({ sinceMs }: { sinceMs: number }) {
  return <span class="text-xs text-muted-foreground tabular-nums">{formatTimer(useNow(100) - sinceMs)}</span>;
}

/** One operation: its params as a form, run and stopped here, its outcome below. */
export function OperationForm({ offered, item, startValues }: OperationFormProps) {
  const { operation, plugin, isStream } = offered;
  const schema = operation.params_schema;
  const schemaText = JSON.stringify(schema ?? null);
  const fields = useMemo(() => readSchema(JSON.parse(schemaText)), [schemaText]); // polling brings equal schemas
  const [values, setValue] = useValues(fields, startValues);
  const [shown, setShown] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState<Record<string, unknown> | null>(null);
  const result = useRef<HTMLDivElement>(null);
  const { run, start, stop } = useRun(offered, item?.id ?? null);
  const isChanging = useMemo(() => mustConfirm(operation, buildParams(fields, values).params), [operation, fields, values]);
  const isRunning = run.state === "running";
  const { error } = run;
  const lastParams = useRef<Record<string, unknown>>({});

  function begin(params: Record<string, unknown>, isConfirmed: boolean) {
    setAsked(null);
    lastParams.current = params;
    start(params, isConfirmed);
  }
  function submit() {
    if (isRunning) return;
    const { params, problems } = buildParams(fields, values);
    setShown(problems);
    const first = leafFields(fields).find((field) => problems[field.path]);
    if (first) focusField(first.path);
    else if (mustConfirm(operation, params)) setAsked(params);
    else begin(params, false);
  }
  useEffect(() => {
    if (!error) return;
    if (error.code === "confirmation_required") setAsked(lastParams.current);
    const field = findField(fields, error.facts.field);
    if (!field) return;
    setShown({ [field.path]: error.message });
    focusField(field.path);
  }, [error, fields]);

  useEffect(() => {
    const isAtField = error !== null && findField(fields, error.facts.field) !== undefined;
    if (!isAtField && (run.state === "done" || run.state === "failed")) result.current?.scrollIntoView({ block: "start" });
  }, [run.state, error, fields]);

  useEffect(() => focusField(leafFields(fields).find((field) => field.kind !== "constant")?.path), [fields]);

  const description = typeof schema?.description === "string" ? schema.description : "";
  const target = item ? `${operation.name} on ${item.name}` : operation.name;
  return (
    <>
      <form
        noValidate
        aria-label={`Params of ${operation.name}`}
        class="flex flex-col gap-3 p-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur(); // the next one closes the panel
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault(); // a focused button would act a second time
          submit();
        }}
      >
        <div class="flex flex-wrap items-center gap-x-2 gap-y-1">
          <p class="min-w-0 text-muted-foreground">{operation.description}</p>
          {operation.destructive && <Badge tone="warning">changes things</Badge>}
          {isStream && <Badge tone="info">stream</Badge>}
          {operation.required_permissions?.map((permission) => <Badge key={permission} title="A permission this operation asks for">{permission}</Badge>)}
        </div>
        {fields.length > 0 && description && description !== operation.description && <p class="text-xs text-muted-foreground">{description}</p>}
        <OperationFields
          fields={fields}
          values={values}
          problems={shown}
          onChange={(path, value) => {
            setValue(path, value);
            if (shown[path]) setShown({ ...shown, [path]: "" });
          }}
        />
        <div class="sticky bottom-0 -mx-3 -mb-3 flex items-center gap-2 bg-card px-3 py-2">
          {/* Keyed, lest the stop button become the submit button while it is being clicked. */}
          {isRunning ? (
            <Button key="stop" icon={<Square class="size-3.5" />} onClick={stop}>
              {isStream ? "Stop" : "Cancel"}
            </Button>
          ) : (
            <Button key="run" type="submit" kind={isChanging ? "destructive-outline" : "primary"} icon={<Play class="size-3.5" />} title="Ctrl-Enter">
              {isChanging ? `Run ${operation.name}…` : isStream ? "Follow" : "Run"}
            </Button>
          )}
          {isRunning && <Elapsed sinceMs={run.startedAtMs} />}
        </div>
      </form>
      <div ref={result}>{run.state !== "idle" && !(isRunning && !run.tail?.total) && <OperationResult run={run} name={`${plugin}-${operation.name}`} />}</div>
      {asked && (
        <ConfirmDialog action={`Run ${target}`} onConfirm={() => begin(asked, true)} onCancel={() => setAsked(null)}>
          <p>
            <code class="font-mono">{operation.name}</code> of plugin {plugin} can change {item ? <strong>{item.name}</strong> : "things"}: {operation.description}
          </p>
          {Object.keys(asked).length > 0 && <pre class="mt-2 max-h-48 overflow-auto rounded-control bg-muted p-2 font-mono text-xs whitespace-pre-wrap">{JSON.stringify(asked, null, 2)}</pre>}
        </ConfirmDialog>
      )}
    </>
  );
}
