import { ChevronRight } from "lucide-preact";
import { memo } from "preact/compat";
import { useState } from "preact/hooks";
import { Badge } from "../components/Badge.tsx";
import { classes } from "../classes.ts";
import { formatBytes, formatDuration, formatExactTime, formatTime, parseTime } from "../logic/format.ts";
import { ClickyPart } from "./ClickyPart.tsx";
import { plainText, type ClickyNode } from "./node.ts";
import { statusTone } from "./style.ts";
import { tagTexts, type ClickyColumn, type ClickyRow, type ClickyTableModel } from "./table.ts";

const SHOWN_TAGS = 3;
const LONG_CHARS = 60;

function Tags({ cell }: { cell: ClickyNode | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const tags = tagTexts(cell);
  const shown = isOpen ? tags : tags.slice(0, SHOWN_TAGS);
  return (
    <span class="flex flex-wrap gap-1">
      {shown.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
      {tags.length > shown.length && (
        <button type="button" class="text-xs text-primary" title={tags.slice(SHOWN_TAGS).join("\n")} onClick={(event) => (event.stopPropagation(), setOpen(true))}>
          +{tags.length - shown.length}
        </button>
      )}
    </span>
  );
}

const FORMATS: Record<string, (figure: number) => string> = { bytes: formatBytes, ms: formatDuration, duration: formatDuration, milliseconds: formatDuration };

const NARROW_REST = "narrow:flex narrow:gap-1 narrow:text-xs narrow:text-muted-foreground narrow:before:content-[attr(data-label)] narrow:before:text-placeholder";

function isEmptyCell(cell: ClickyNode | undefined): boolean {
  return !cell || (cell.kind === "text" && plainText(cell) === "");
}

function isShort(cell: ClickyNode | undefined): boolean {
  if (cell?.kind !== "text" || cell.children) return false;
  const text = plainText(cell);
  return text.length <= LONG_CHARS && !text.includes("\n");
}

function Cell({ column, cell, depth }: { column: ClickyColumn; cell: ClickyNode | undefined; depth: number }) {
  if (!cell) return null;
  const text = plainText(cell).trim();
  if (column.kind === "tags") return <Tags cell={cell} />;
  if (column.kind === "status" && cell.kind === "text" && text) return <Badge tone={statusTone(text)}>{text}</Badge>;
  if (column.kind === "timestamp" && cell.kind === "text") {
    const time = parseTime(text);
    return time ? <time title={formatExactTime(time)}>{formatTime(time)}</time> : <>{text}</>;
  }
  const format = FORMATS[column.format.toLowerCase()];
  if (format && text !== "" && Number.isFinite(Number(text))) return <span title={text}>{format(Number(text))}</span>;
  // Long words stay on two lines; the whole is on hover, and in the row's details.
  if (cell.kind === "text" && !Array.isArray(cell.children) && text.length > LONG_CHARS) {
    return (
      <span title={text} class="line-clamp-2 min-w-48 whitespace-normal">
        <ClickyPart node={cell} depth={depth} />
      </span>
    );
  }
  return (
    <>
      <ClickyPart node={cell} depth={depth} />
      {column.unit && text && <span class="text-muted-foreground"> {column.unit}</span>}
    </>
  );
}

export interface RowProps {
  row: ClickyRow;
  model: ClickyTableModel;
  hasDetails: boolean;
  isOpen: boolean;
  onToggle: (row: ClickyRow) => void;
  depth: number;
}

function Row({ row, model, hasDetails, isOpen, onToggle, depth }: RowProps) {
  return (
    <>
      {/* On a narrow screen a row is its first cell and, muted below, the rest with their names. */}
      <tr class="hover:bg-accent/60 narrow:flex narrow:flex-wrap narrow:items-baseline narrow:gap-x-2.5 narrow:border-b narrow:px-2 narrow:py-1.5">
        {hasDetails && (
          <td class="border-b border-border/60 px-1 align-top narrow:border-0 narrow:p-0">
            {row.detail && (
              <button type="button" aria-expanded={isOpen} aria-label={`Details of row ${row.index + 1}`} class="mt-1 rounded-control hover:text-primary" onClick={() => onToggle(row)}>
                <ChevronRight class={classes("size-3.5 transition-transform", isOpen && "rotate-90")} />
              </button>
            )}
          </td>
        )}
        {model.columns.map((column, index) => (
          <td
            key={column.name}
            data-label={column.label}
            class={classes(
              index === 0 ? "narrow:flex-[1_0_80%] narrow:font-medium" : NARROW_REST,
              isEmptyCell(row.cells[column.name]) && "narrow:hidden",
              "narrow:max-w-full narrow:border-0 narrow:p-0 max-w-96 min-w-0 border-b border-border/60 px-2 py-1 align-top break-words",
              column.isRight && "text-right tabular-nums narrow:text-left",
              isShort(row.cells[column.name]) && "whitespace-nowrap",
            )}
          >
            <Cell column={column} cell={row.cells[column.name]} depth={depth} />
          </td>
        ))}
      </tr>
      {isOpen && row.detail && (
        <tr class="narrow:block">
          <td colSpan={model.columns.length + 1} class="border-b bg-muted/40 px-8 py-2 narrow:block narrow:px-4">
            <ClickyPart node={row.detail} depth={depth} />
          </td>
        </tr>
      )}
    </>
  );
}

/** One row and, when opened, what it holds back. */
export const ClickyTableRow = memo(Row);
