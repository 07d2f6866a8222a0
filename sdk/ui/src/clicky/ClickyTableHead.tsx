import { ArrowDown, ArrowUp } from "lucide-preact";
import { classes } from "../classes.ts";
import type { Sort } from "../logic/order.ts";
import { ClickyPart } from "./ClickyPart.tsx";
import type { ClickyTableModel } from "./table.ts";

export interface HeadProps {
  model: ClickyTableModel;
  sort: Sort | null;
  hasDetails: boolean;
  onSort: (sort: Sort) => void;
  depth: number;
}

/** Names of the columns; those that may be sorted are buttons. */
export function ClickyTableHead({ model, sort, hasDetails, onSort, depth }: HeadProps) {
  return (
    <thead class="narrow:hidden">
      <tr>
        {hasDetails && <th class="w-6 border-b" aria-label="Details" />}
        {model.columns.map((column) => {
          const isSorted = sort?.column === column.name;
          const content = column.header ? <ClickyPart node={column.header} depth={depth} /> : column.label;
          return (
            <th
              key={column.name}
              scope="col"
              aria-sort={isSorted ? (sort.isDescending ? "descending" : "ascending") : undefined}
              class={classes("border-b px-2 py-1 text-xs font-medium whitespace-nowrap text-muted-foreground", column.isRight ? "text-right" : "text-left", column.isGrowing && "w-full")}
            >
              {column.isSortable ? (
                <button type="button" title={`Sort by ${column.label}`} class={classes("inline-flex items-center gap-1 hover:text-foreground", isSorted && "text-foreground")} onClick={() => onSort({ column: column.name, isDescending: isSorted && !sort.isDescending })}>
                  {content}
                  {isSorted && (sort.isDescending ? <ArrowDown aria-hidden class="size-3" /> : <ArrowUp aria-hidden class="size-3" />)}
                </button>
              ) : (
                content
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
