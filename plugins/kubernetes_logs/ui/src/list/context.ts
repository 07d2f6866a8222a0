import { createContext } from "preact";
import type { FieldColumn } from "../logic/columns.ts";
import type { StampStyle } from "../logic/stamps.ts";
import type { DrawItem, FieldTerm, Rule, SourceInfo } from "../protocol.ts";

/** What rows need of the page around them. */
export interface RowContext {
  sources: readonly SourceInfo[];
  names: readonly string[];
  nameChars: number;
  stamps: StampStyle;
  stampChars: number;
  nowMs: number;
  isNarrow: boolean;
  isWrapped: boolean;
  isPretty: boolean;
  columns: readonly FieldColumn[];
  toggleColumn: (name: string) => void;
  pattern: RegExp | null;
  /** The row that the keyboard is on. */
  currentId: number;
  open: (item: DrawItem, isOpen: boolean) => void;
  select: (item: DrawItem, index: number) => void;
  filterBy: (term: FieldTerm) => void;
  showAround: (item: DrawItem) => void;
  copyLink: (item: DrawItem) => void;
  showDeath: (rule: Rule) => void;
}

/** Classes of the columns' widths, which the list sets. */
export const COLUMN_WIDTHS = ["w-(--c0)", "w-(--c1)", "w-(--c2)", "w-(--c3)", "w-(--c4)", "w-(--c5)", "w-(--c6)", "w-(--c7)"];

export const RowsContext = createContext<RowContext | null>(null);
