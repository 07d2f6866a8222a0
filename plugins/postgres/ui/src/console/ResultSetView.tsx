import { formatPlural, Message, ResultGrid } from "@mission-control/plugin-ui";
import { CircleCheck } from "lucide-preact";
import type { ResultSet } from "../logic/run.ts";
import { RowPanel } from "./RowPanel.tsx";

export interface ResultSetViewProps {
  set: ResultSet;
  isRunning: boolean;
  openRow: number | null;
  onOpenRow: (row: number | null) => void;
}

/** The rows of a statement, or what it did. */
export function ResultSetView({ set, isRunning, openRow, onOpenRow }: ResultSetViewProps) {
  if (set.columns === null) {
    const affected = set.end?.rowsAffected;
    return (
      <Message icon={<CircleCheck class="size-4 text-success" />} title={set.end?.command ?? (set.end ? "Done" : "Running")}>
        <p>{affected === undefined ? "The statement returns no rows." : `${formatPlural(affected, "row")} affected.`}</p>
      </Message>
    );
  }
  if (set.rows.length === 0 && set.end) {
    return (
      <Message title="No rows">
        <p>The statement returned its {formatPlural(set.columns.length, "column")} ({set.columns.slice(0, 8).map((column) => column.name).join(", ")}) and no row.</p>
      </Message>
    );
  }
  const row = openRow === null ? undefined : set.rows[openRow];
  return (
    <>
      <ResultGrid
        id={`postgres ${set.columns.map((column) => column.name).join(",").slice(0, 200)}`}
        label={`Rows of ${set.statement.slice(0, 80)}${isRunning ? ", more arriving" : ""}`}
        columns={set.columns}
        rows={set.rows}
        openRow={openRow}
        onOpenRow={onOpenRow}
      />
      {row && openRow !== null && <RowPanel columns={set.columns} row={row} index={openRow} onClose={() => onOpenRow(null)} />}
    </>
  );
}
