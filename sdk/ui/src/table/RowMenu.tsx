import { Copy } from "lucide-preact";
import { copyText } from "../clipboard.ts";
import { ContextMenu } from "../components/ContextMenu.tsx";
import { MenuItem } from "../components/MenuItem.tsx";
import { cellText, renderCsv } from "../logic/export.ts";

/** What was pointed at. */
export interface PointedCell {
  x: number;
  y: number;
  cell: unknown;
  names: string[];
  values: unknown[];
  /** The row as JSON, when it is more than its columns. */
  json: unknown;
}

/** Copy the cell, or its row as JSON or CSV. */
export function RowMenu({ at, onClose }: { at: PointedCell; onClose: () => void }) {
  const icon = <Copy class="size-3.5 text-muted-foreground" />;
  return (
    <ContextMenu x={at.x} y={at.y} onClose={onClose}>
      <MenuItem icon={icon} onClick={() => void copyText(cellText(at.cell))}>
        Copy cell
      </MenuItem>
      <MenuItem icon={icon} onClick={() => void copyText(JSON.stringify(at.json, null, 2))}>
        Copy row as JSON
      </MenuItem>
      <MenuItem icon={icon} onClick={() => void copyText(renderCsv(at.names, [at.values]))}>
        Copy row as CSV
      </MenuItem>
    </ContextMenu>
  );
}
