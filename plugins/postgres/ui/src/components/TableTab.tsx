import { DataTable, parseSort, renderSort, SidePanel, type Column, type HashNavigation, type RowTone } from "@mission-control/plugin-ui";
import type { ComponentChildren } from "preact";

export interface TableTabProps<Row> {
  id: string;
  label: string;
  columns: readonly Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  params: URLSearchParams;
  setParams: HashNavigation["setParams"];
  tone?: (row: Row) => RowTone | undefined;
  /** Heading and content of a row's details. */
  titleOf: (row: Row) => string;
  details: (row: Row) => ComponentChildren;
  footer?: (row: Row) => ComponentChildren;
}

/** A table whose sort and chosen row live in the address, with details beside it. */
export function TableTab<Row>({ id, label, columns, rows, keyOf, params, setParams, tone, titleOf, details, footer }: TableTabProps<Row>) {
  const chosen = rows.find((row) => keyOf(row) === params.get("row"));
  return (
    <div class="flex min-h-0 flex-1">
      <DataTable
        id={id}
        label={label}
        columns={columns}
        rows={rows}
        keyOf={keyOf}
        sort={{ value: parseSort(params.get("sort")), onChange: (sort) => setParams({ sort: renderSort(sort) }) }}
        selection={{ value: chosen ? keyOf(chosen) : null, onChange: (row) => setParams({ row }) }}
        tone={tone}
      />
      {chosen && (
        <SidePanel key={keyOf(chosen)} title={titleOf(chosen)} label={`${label}: ${titleOf(chosen)}`} onClose={() => setParams({ row: null })} footer={footer?.(chosen)}>
          <div class="flex flex-col gap-3 p-3">{details(chosen)}</div>
        </SidePanel>
      )}
    </div>
  );
}
