import { useMemo, useState } from "preact/hooks";
import { Button } from "../components/Button.tsx";
import { SearchBox } from "../components/SearchBox.tsx";
import { Select } from "../components/Select.tsx";
import { formatCount } from "../logic/format.ts";
import type { Sort } from "../logic/order.ts";
import { Foldable } from "./ClickyBlocks.tsx";
import { ClickyPart, type PartProps } from "./ClickyPart.tsx";
import { ClickyTableHead } from "./ClickyTableHead.tsx";
import { ClickyTableRow } from "./ClickyTableRow.tsx";
import { plainText } from "./node.ts";
import { filterOptions, filterRows, readTable, sortRows, type ClickyRow, type ClickyTableModel } from "./table.ts";

/** Rows drawn at once; more on demand. */
const PAGE_ROWS = 100;
/** Fewer rows are found by eye. */
const SEARCH_FROM_ROWS = 12;

function Cards({ model, depth }: { model: ClickyTableModel; depth: number }) {
  return (
    <div class="flex min-w-0 flex-col gap-1">
      {model.rows.map((row) => {
        const first = row.cells[model.columns[0]?.name ?? ""];
        const title = first ? plainText(first).slice(0, 80) : "";
        return (
          <Foldable key={row.index} label={`Row ${row.index + 1}${title && `: ${title}`}`}>
            {model.columns.map((column) => (
              <ClickyPart key={column.name} node={row.cells[column.name] ?? { kind: "text" }} depth={depth} />
            ))}
          </Foldable>
        );
      })}
    </div>
  );
}

/** A table of a document: sorted by its headers, narrowed by words and values, rows that open. */
export function ClickyTable({ node, depth }: PartProps) {
  const model = useMemo(() => readTable(node), [node]);
  const [sort, setSort] = useState<Sort | null>(model.firstSort);
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<Record<string, string>>({});
  const [shownCount, setShownCount] = useState(PAGE_ROWS);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => filterRows(sortRows(model, sort), model, words, chosen), [model, sort, words, chosen]);
  const filters = useMemo(() => model.columns.filter((column) => column.isFilterable).map((column) => ({ column, options: filterOptions(model, column) })), [model]);
  if (model.columns.length === 0) return <p class="p-2 text-muted-foreground">No data</p>;
  if (model.isCards) return <Cards model={model} depth={depth} />;

  const hasDetails = model.rows.some((row) => row.detail !== null);
  const hasSearch = model.rows.length >= SEARCH_FROM_ROWS;
  const open = filters.filter(({ options }) => options.length > 0);
  const toggle = (row: ClickyRow) => {
    const next = new Set(opened);
    if (!next.delete(row.index)) next.add(row.index);
    setOpened(next);
  };
  return (
    <div class="flex min-w-0 flex-col">
      {(hasSearch || open.length > 0) && (
        <div role="toolbar" aria-label="Filters of the table" class="flex flex-wrap items-center gap-2 border-b px-2 py-1">
          {hasSearch && <SearchBox label="Filter rows" value={words} onChange={setWords} hasHotkey={false} pauseMs={0} class="w-44" />}
          {open.map(({ column, options }) => (
            <Select
              key={column.name}
              label={column.label}
              value={chosen[column.name] ?? ""}
              isSet={Boolean(chosen[column.name])}
              options={[{ value: "", label: `All ${column.label}` }, ...options.map((value) => ({ value, label: value }))]}
              onChange={(value) => setChosen({ ...chosen, [column.name]: value })}
            />
          ))}
          <span class="ml-auto text-xs text-muted-foreground tabular-nums">
            {rows.length === model.rows.length ? formatCount(rows.length) : `${formatCount(rows.length)} of ${formatCount(model.rows.length)}`} rows
          </span>
        </div>
      )}
      <div class="min-w-0 overflow-x-auto">
        <table class="w-full border-separate border-spacing-0 narrow:block">
          <ClickyTableHead model={model} sort={sort} hasDetails={hasDetails} onSort={setSort} depth={depth} />
          <tbody class="narrow:block">
            {rows.slice(0, shownCount).map((row) => (
              <ClickyTableRow key={row.index} row={row} model={model} hasDetails={hasDetails} isOpen={opened.has(row.index)} onToggle={toggle} depth={depth} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p class="p-2 text-muted-foreground">{model.rows.length === 0 ? "No rows" : "No row matches"}</p>}
      {rows.length > shownCount && (
        <Button kind="ghost" onClick={() => setShownCount(shownCount + PAGE_ROWS * 5)}>
          Show more: {formatCount(rows.length - shownCount)} left
        </Button>
      )}
    </div>
  );
}
