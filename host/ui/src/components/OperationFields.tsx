import { classes } from "@mission-control/plugin-ui";
import type { FormValues } from "../logic/formValues.ts";
import type { FormField } from "../logic/schema.ts";
import { FormFieldInput } from "./FormFieldInput.tsx";

export interface OperationFieldsProps {
  fields: readonly FormField[];
  values: FormValues;
  /** What is wrong, by the path of its field. */
  problems: Readonly<Record<string, string>>;
  onChange: (path: string, value: string) => void;
}

export const fieldId = (path: string) => `param-${path}`;

function boundsText(field: FormField): string {
  const { minimum, maximum } = field;
  if (minimum !== null && maximum !== null) return `${minimum.toLocaleString()} to ${maximum.toLocaleString()}`;
  if (minimum !== null) return `at least ${minimum.toLocaleString()}`;
  return maximum !== null ? `at most ${maximum.toLocaleString()}` : "";
}

function Field({ field, values, problems, onChange }: Omit<OperationFieldsProps, "fields"> & { field: FormField }) {
  const id = fieldId(field.path);
  const problem = problems[field.path];
  const isInline = field.kind === "boolean" && (field.defaultText !== null || field.isRequired);
  const notes = [boundsText(field), isInline && field.defaultText === "true" && "on by default"].filter(Boolean).join(" · ");
  return (
    <div class="flex min-w-0 flex-col gap-1">
      <div class={classes("flex min-w-0 gap-x-2", isInline ? "flex-row-reverse items-center justify-end" : "flex-col gap-y-1")}>
        <label for={id} class="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <span class="font-mono text-xs font-medium">
            {field.name}
            {field.isRequired && <span class="font-sans text-destructive" title="required" aria-label="required"> *</span>}
          </span>
          {notes && <span class="text-xs text-muted-foreground">{notes}</span>}
        </label>
        <FormFieldInput id={id} field={field} value={values[field.path] ?? ""} problemId={problem ? `${id}-problem` : undefined} onChange={(value) => onChange(field.path, value)} />
      </div>
      {problem && (
        <p id={`${id}-problem`} role="alert" class="text-xs text-destructive">
          {problem}
        </p>
      )}
      {field.help && <p class="text-xs text-muted-foreground">{field.help}</p>}
    </div>
  );
}

/** Fields of a form, those of an object in a frame of their own. */
export function OperationFields({ fields, ...shared }: OperationFieldsProps) {
  return (
    <>
      {fields.map((field) =>
        field.kind === "group" ? (
          <fieldset key={field.path} class="flex min-w-0 flex-col gap-2.5 rounded-control border p-2.5">
            <legend class="px-1 font-mono text-xs font-medium">{field.name}</legend>
            {field.help && <p class="text-xs text-muted-foreground">{field.help}</p>}
            <OperationFields fields={field.fields} {...shared} />
          </fieldset>
        ) : (
          <Field key={field.path} field={field} {...shared} />
        ),
      )}
    </>
  );
}
