import { createContext } from "preact";
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

export const RowsContext = createContext<RowContext | null>(null);
