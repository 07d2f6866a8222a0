import { useRef } from "preact/hooks";
import { holdOrder, type HeldRow } from "../logic/freeze.ts";

/** Return rows to draw: in their new order, or in the one on screen while rows must not move. */
export function useHeldRows<Row>(rows: Row[], keyOf: (row: Row) => string, isHeld: boolean, resetKey: string): HeldRow<Row>[] {
  const shown = useRef<{ rows: HeldRow<Row>[]; source: Row[]; resetKey: string; isHeld: boolean } | null>(null);
  const before = shown.current;
  if (before && before.source === rows && before.resetKey === resetKey && before.isHeld === isHeld) return before.rows;
  const next =
    before && isHeld && before.resetKey === resetKey ? holdOrder(before.rows, rows, keyOf) : rows.map((row) => ({ row, isGone: false }));
  shown.current = { rows: next, source: rows, resetKey, isHeld };
  return next;
}
