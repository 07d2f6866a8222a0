import type { Header, Table } from "@tanstack/table-core";
import { ArrowDown, ArrowUp } from "lucide-preact";
import { classes } from "../classes.ts";
import { columnOf } from "./useTable.ts";

function HeadCell<Row>({ header }: { header: Header<Row, unknown> }) {
  const column = columnOf<Row>(header.column);
  const sorted = header.column.getIsSorted();
  const resize = header.getResizeHandler();
  return (
    <th
      scope="col"
      aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined}
      class="group/head relative h-control-h border-b bg-card p-0 last:pr-7 text-left text-xs font-medium text-muted-foreground"
    >
      <button
        type="button"
        title={`Sort by ${column.header}`}
        onClick={header.column.getToggleSortingHandler()}
        class={classes("flex h-full w-full items-center gap-1 px-2 hover:text-foreground", column.isNumeric && "justify-end", sorted && "text-foreground")}
      >
        <span class="truncate">{column.header}</span>
        {sorted === "asc" && <ArrowUp aria-hidden class="size-3 shrink-0" />}
        {sorted === "desc" && <ArrowDown aria-hidden class="size-3 shrink-0" />}
      </button>
      <span
        aria-hidden
        onMouseDown={resize}
        onTouchStart={resize}
        onDblClick={() => header.column.resetSize()}
        class={classes(
          "absolute top-1 right-0 bottom-1 z-10 w-1 cursor-col-resize touch-none border-r",
          header.column.getIsResizing() ? "border-primary" : "border-transparent group-hover/head:border-input",
        )}
      />
    </th>
  );
}

/** Sticky names of the columns: click sorts, the edge resizes, a double click on the edge resets. */
export function TableHead<Row>({ table }: { table: Table<Row> }) {
  return (
    <thead class="sticky top-0 z-20">
      {table.getHeaderGroups().map((group) => (
        <tr key={group.id}>
          {group.headers.map((header) => (
            <HeadCell key={header.id} header={header} />
          ))}
        </tr>
      ))}
    </thead>
  );
}
