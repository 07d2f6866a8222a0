import type { Table } from "@tanstack/table-core";
import { Columns3 } from "lucide-preact";
import { Menu } from "../components/Menu.tsx";
import { columnOf } from "./useTable.ts";

/** Choose which columns are shown. */
export function ColumnMenu<Row>({ table, onOpenChange }: { table: Table<Row>; onOpenChange: (isOpen: boolean) => void }) {
  return (
    <Menu label="Columns" icon={<Columns3 class="size-3.5" />} onOpenChange={onOpenChange}>
      {table.getAllLeafColumns().map((column) => (
        <label key={column.id} class="flex h-control-h cursor-pointer items-center gap-2 rounded-control px-2 hover:bg-accent">
          <input type="checkbox" class="size-3.5 accent-primary" checked={column.getIsVisible()} onChange={column.getToggleVisibilityHandler()} />
          {columnOf<Row>(column).header}
        </label>
      ))}
    </Menu>
  );
}
