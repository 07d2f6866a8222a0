import { Checkbox, CopyButton, JsonTree, rowObject, SidePanel, type GridColumn } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import { jsonValue } from "../logic/jsonValue.ts";

export interface RowPanelProps {
  columns: readonly GridColumn[];
  row: readonly unknown[];
  index: number;
  onClose: () => void;
}

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span class="font-mono text-xs text-muted-foreground italic">NULL</span>;
  const json = jsonValue(value);
  if (json !== undefined) return <JsonTree value={json} />;
  return <pre class="font-mono text-xs break-words whitespace-pre-wrap">{String(value)}</pre>;
}

/** One row, column below column; JSON as a tree, nulls left out until asked for. */
export function RowPanel({ columns, row, index, onClose }: RowPanelProps) {
  const [hasNulls, setNulls] = useState(false);
  const entries = columns.map((column, at) => ({ column, value: row[at] }));
  const nulls = entries.filter(({ value }) => value === null || value === undefined).length;
  const shown = hasNulls ? entries : entries.filter(({ value }) => value !== null && value !== undefined);
  const json = () => JSON.stringify(rowObject(columns.map((column) => column.name), row), null, 2);
  return (
    <SidePanel
      title={`Row ${(index + 1).toLocaleString()}`}
      label={`Row ${index + 1}`}
      onClose={onClose}
      footer={
        <div class="flex items-center justify-between">
          {nulls > 0 ? <Checkbox label={`show ${nulls} NULL`} isOn={hasNulls} onChange={setNulls} /> : <span />}
          <CopyButton label="Copy row as JSON" text={json} />
        </div>
      }
    >
      <dl>
        {shown.map(({ column, value }, at) => (
          <div key={`${at} ${column.name}`} class="border-b px-3 py-1.5">
            <dt class="flex items-center gap-2 text-xs text-muted-foreground">
              <span class="font-medium">{column.name}</span>
              <span>{column.type?.toLowerCase()}</span>
            </dt>
            <dd class="mt-0.5 min-w-0 overflow-x-auto">
              <Value value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </SidePanel>
  );
}
