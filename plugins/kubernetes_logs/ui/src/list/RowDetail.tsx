import { Button, CopyButton, IconButton } from "@mission-control/plugin-ui";
import { Columns3, Filter, FilterX, Link, ListTree } from "lucide-preact";
import { useContext } from "preact/hooks";
import { stripAnsi } from "../logic/ansi.ts";
import { fieldText, flattenFields, parseFields } from "../logic/fields.ts";
import { withoutStamp } from "../logic/stamps.ts";
import type { DrawItem } from "../protocol.ts";
import { RowsContext, type RowContext } from "./context.ts";
import { LineText } from "./LineText.tsx";

interface OpenRow {
  item: DrawItem;
  open: NonNullable<DrawItem["open"]>;
}

function FieldRow({ name, value }: { name: string; value: string }) {
  const { filterBy, columns, toggleColumn } = useContext(RowsContext) as RowContext;
  const isColumn = columns.some((one) => one.name === name);
  return (
    <div class="group/field flex items-start gap-2 hover:bg-accent/50">
      <dt class="w-40 shrink-0 truncate text-muted-foreground narrow:w-24" title={name}>
        {name}
      </dt>
      <dd class="min-w-0 break-all whitespace-pre-wrap">{value}</dd>
      <span class="flex h-5 shrink-0 items-center opacity-50 group-hover/field:opacity-100 focus-within:opacity-100">
        <IconButton label={`Only lines with ${name} = ${value}`} onClick={() => filterBy({ name, value, isNot: false })}>
          <Filter class="size-3.5" />
        </IconButton>
        <IconButton label={`No lines with ${name} = ${value}`} onClick={() => filterBy({ name, value, isNot: true })}>
          <FilterX class="size-3.5" />
        </IconButton>
        <IconButton label={isColumn ? `Remove the column ${name}` : `Show ${name} as a column`} isOn={isColumn} onClick={() => toggleColumn(name)}>
          <Columns3 class="size-3.5" />
        </IconButton>
        <CopyButton label={`Copy ${name}`} text={value} />
      </span>
    </div>
  );
}

/** An open line: its trace, its fields, where it is from, and what can be done with it. */
export function RowDetail({ item, open }: OpenRow) {
  const rows = useContext(RowsContext) as RowContext;
  const source = rows.sources[item.source];
  const fields = item.extra?.fields ?? parseFields(open.text);
  const whole = [open.text, ...open.tail].map(stripAnsi).join("\n");
  const isAbridged = rows.stampChars > 0 && withoutStamp(open.text, item.stamp) !== open.text;
  const place = source ? [source.namespace, source.pod, source.container, source.node && `on ${source.node}`].filter(Boolean).join(" · ") : "";
  return (
    <div class="ml-3 flex flex-col gap-2 border-l-2 py-2 pr-2 pl-3">
      {!fields && (isAbridged || (!rows.isWrapped && open.text.length > 60)) && <pre class="font-mono break-words whitespace-pre-wrap">{stripAnsi(open.text)}</pre>}
      {open.tail.length > 0 && (
        <pre class="max-h-[50vh] overflow-auto font-mono whitespace-pre text-foreground">
          {open.tail.map((line, at) => (
            <div key={at}>
              <LineText text={line} pattern={rows.pattern} isPretty={false} />
            </div>
          ))}
        </pre>
      )}
      {fields && (
        <dl class="flex flex-col">
          {flattenFields(fields).map(([name, value]) => (
            <FieldRow key={name} name={name} value={fieldText(value)} />
          ))}
        </dl>
      )}
      <div class="flex flex-wrap items-center gap-1 font-sans">
        <span class="mr-2 text-xs break-all text-muted-foreground">
          {place}
          {item.stamp && ` · ${item.stamp}`}
        </span>
        <Button kind="ghost" icon={<ListTree class="size-3.5" />} onClick={() => rows.showAround(item)}>
          Context
        </Button>
        {item.stamp && (
          <Button kind="ghost" icon={<Link class="size-3.5" />} onClick={() => rows.copyLink(item)}>
            Copy link
          </Button>
        )}
        <CopyButton label="Copy the line" text={whole} />
      </div>
    </div>
  );
}
