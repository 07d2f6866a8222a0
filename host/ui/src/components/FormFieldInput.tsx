import { classes } from "@mission-control/plugin-ui";
import { ChevronDown } from "lucide-preact";
import { toLocalInput } from "../logic/formValues.ts";
import type { FormField } from "../logic/schema.ts";

export interface FormFieldInputProps {
  id: string;
  field: FormField;
  value: string;
  problemId: string | undefined;
  onChange: (value: string) => void;
}

const LOOK = "w-full min-w-0 rounded-control border bg-card px-2 text-sm";
const ROWS: Partial<Record<FormField["kind"], number>> = { code: 6, list: 3, json: 4, any: 2 };

/** Return what stands in an empty field: the default that will be used, else the shape of what is asked. */
function hintOf(field: FormField): string {
  if (field.defaultText) return field.defaultText;
  if (field.kind === "list") return "one per line";
  if (field.kind === "json") return "JSON";
  if (field.kind === "any") return "JSON or text";
  return "";
}

function Choice({ id, field, value, problemId, onChange }: FormFieldInputProps) {
  const isEmptyAllowed = !field.isRequired || value === "" || field.isNullable;
  const emptyText = field.defaultText ? `default: ${field.defaultText}` : field.isRequired && !field.isNullable ? "choose…" : "not set";
  return (
    <span class="relative flex">
      <select id={id} value={value} aria-describedby={problemId} aria-invalid={Boolean(problemId)} onChange={(event) => onChange(event.currentTarget.value)} class={classes(LOOK, "h-control-h appearance-none pr-7", problemId ? "border-destructive" : "border-input")}>
        {isEmptyAllowed && <option value="" class="bg-popover text-popover-foreground">{emptyText}</option>}
        {field.options.map((option) => (
          <option key={option.text} value={option.text} class="bg-popover text-popover-foreground">
            {option.text}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden class="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-muted-foreground" />
    </span>
  );
}

function Choices({ id, field, value, problemId, onChange }: FormFieldInputProps) {
  const chosen = new Set(value.split("\n").filter(Boolean));
  const flip = (text: string) => {
    if (!chosen.delete(text)) chosen.add(text);
    onChange(field.options.map((one) => one.text).filter((one) => chosen.has(one)).join("\n"));
  };
  return (
    <div id={id} role="group" tabIndex={-1} aria-label={field.name} aria-describedby={problemId} class="flex flex-wrap gap-x-3 outline-none">
      {field.options.map((option) => (
        <label key={option.text} class="inline-flex h-control-h cursor-pointer items-center gap-1.5">
          <input type="checkbox" class="size-3.5 accent-primary" checked={chosen.has(option.text)} onChange={() => flip(option.text)} />
          {option.text}
        </label>
      ))}
    </div>
  );
}

/** A switch; one whose default nobody knows can be left unset. */
function Switch(props: FormFieldInputProps) {
  const { id, field, value, problemId, onChange } = props;
  if (field.defaultText === null && !field.isRequired) {
    return <Choice {...props} field={{ ...field, options: [{ text: "true", value: true }, { text: "false", value: false }] }} />;
  }
  const standard = field.defaultText === "true" ? "true" : "false";
  const isOn = (value || standard) === "true";
  const flip = () => onChange(String(!isOn) === standard ? "" : String(!isOn));
  return <input id={id} type="checkbox" checked={isOn} aria-describedby={problemId} onChange={flip} class="size-3.5 accent-primary" />;
}

const INPUT_TYPES: Partial<Record<FormField["kind"], string>> = { secret: "password", date: "date", time: "datetime-local" };

/** The control of one field, by its kind. */
export function FormFieldInput(props: FormFieldInputProps) {
  const { id, field, value, problemId, onChange } = props;
  if (field.kind === "constant") return <output id={id} class="font-mono text-xs">{JSON.stringify(field.constant)}</output>;
  if (field.kind === "boolean") return <Switch {...props} />;
  if (field.kind === "choice") return <Choice {...props} />;
  if (field.kind === "choices") return <Choices {...props} />;
  const shared = {
    id,
    placeholder: hintOf(field),
    spellcheck: false,
    autocomplete: "off",
    "aria-describedby": problemId,
    "aria-invalid": Boolean(problemId),
    "aria-required": field.isRequired,
  };
  const border = problemId ? "border-destructive" : "border-input";
  const rows = ROWS[field.kind];
  if (rows) {
    return <textarea {...shared} rows={rows} value={value} onInput={(event) => onChange(event.currentTarget.value)} class={classes(LOOK, border, "resize-y py-1.5", field.kind !== "list" && "font-mono text-xs")} />;
  }
  const isFigure = field.kind === "integer" || field.kind === "number";
  const type = INPUT_TYPES[field.kind] ?? "text";
  if (field.kind === "time") {
    const moment = (text: string) => (text === "" ? "" : new Date(text).toISOString());
    return <input {...shared} type={type} step={1} value={toLocalInput(value)} onChange={(event) => onChange(moment(event.currentTarget.value))} class={classes(LOOK, border, "h-control-h max-w-60")} />;
  }
  return (
    <input
      {...shared}
      type={type}
      inputMode={isFigure ? (field.kind === "integer" ? "numeric" : "decimal") : undefined}
      autocomplete={field.kind === "secret" ? "new-password" : "off"}
      value={value}
      onInput={(event) => onChange(event.currentTarget.value)}
      class={classes(LOOK, border, "h-control-h", isFigure && "max-w-40 tabular-nums")}
    />
  );
}
