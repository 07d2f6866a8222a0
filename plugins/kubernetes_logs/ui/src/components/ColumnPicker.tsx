import { Checkbox, Menu, SearchBox, useIsNarrow } from "@mission-control/plugin-ui";
import { Columns3 } from "lucide-preact";
import { useMemo, useState } from "preact/hooks";
import type { LogWindow } from "../list/useLogWindow.ts";
import { countFields } from "../logic/columns.ts";
import type { Columns } from "../logic/useColumns.ts";

const SEARCHED = 10;

function Choices({ list, columns }: { list: LogWindow; columns: Columns }) {
  const [search, setSearch] = useState("");
  const found = useMemo(() => countFields(list.items), [list]);
  const lines = list.items.filter((item) => !item.rule).length;
  const chosen = columns.all.map((one) => one.name);
  const all = [...chosen.filter((name) => !found.some(([other]) => other === name)).map((name): [string, number] => [name, 0]), ...found];
  const wanted = all.filter(([name]) => name.toLowerCase().includes(search.toLowerCase()));
  if (!all.length) return <p class="max-w-64 p-2 text-muted-foreground">The lines around here have no fields: they are neither JSON nor logfmt.</p>;
  return (
    <div class="flex w-64 max-w-[80vw] flex-col gap-1 p-1">
      {all.length > SEARCHED && <SearchBox label="Find a field" value={search} onChange={setSearch} hasHotkey={false} pauseMs={0} />}
      {wanted.map(([name, count]) => (
        <div key={name} class="flex items-center gap-2 rounded-control px-1 hover:bg-accent">
          <span class="min-w-0 flex-1 truncate font-mono text-xs" title={name}>
            <Checkbox label={name} isOn={chosen.includes(name)} onChange={() => columns.toggle(name)} />
          </span>
          <span class="text-xs text-muted-foreground tabular-nums" title={`${count} of the ${lines} lines around here have it`}>
            {count || ""}
          </span>
        </div>
      ))}
    </div>
  );
}

/** Which fields of JSON and logfmt lines stand in columns of their own. */
export function ColumnPicker({ list, columns }: { list: LogWindow; columns: Columns }) {
  const isNarrow = useIsNarrow();
  return (
    <Menu label="Columns" icon={<Columns3 class="size-3.5" />} align={isNarrow ? "left" : "right"}>
      <Choices list={list} columns={columns} />
    </Menu>
  );
}
