import { classes } from "@mission-control/plugin-ui";
import { useContext } from "preact/hooks";
import { fieldsOf } from "../logic/columns.ts";
import type { DrawItem } from "../protocol.ts";
import { COLUMN_WIDTHS, RowsContext, type RowContext } from "./context.ts";

/** A line's chosen fields in their columns. */
export function FieldCells({ item }: { item: DrawItem }) {
  const rows = useContext(RowsContext) as RowContext;
  const fields = fieldsOf(item);
  return (
    <>
      {rows.columns.map(({ name, isNumeric }, at) => {
        const value = fields.get(name);
        return (
          <span key={name} title={value === undefined ? `no ${name}` : `${name}: ${value}`} class={classes("mr-[1ch] shrink-0 truncate", COLUMN_WIDTHS[at], isNumeric && "text-right tabular-nums", value === undefined && "text-muted-foreground/50")}>
            {value ?? "–"}
          </span>
        );
      })}
    </>
  );
}

/** The same below the line, where there is no room beside it. */
export function FieldLine({ item }: { item: DrawItem }) {
  const rows = useContext(RowsContext) as RowContext;
  const fields = fieldsOf(item);
  const shown = rows.columns.filter(({ name }) => fields.has(name));
  if (!shown.length) return null;
  return (
    <span class="flex flex-wrap gap-x-[1.5ch] text-muted-foreground">
      {shown.map(({ name }) => (
        <span key={name} class="max-w-full truncate">
          {name} <span class="text-foreground">{fields.get(name)}</span>
        </span>
      ))}
    </span>
  );
}
