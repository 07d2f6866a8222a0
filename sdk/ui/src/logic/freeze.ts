/** A row on screen; `isGone` when it left the data while rows were held still. */
export interface HeldRow<Row> {
  row: Row;
  isGone: boolean;
}

/** Return rows in the order that is on screen: known rows keep their place with new data, gone ones stay as ghosts,
 * new ones come last. */
export function holdOrder<Row>(before: readonly HeldRow<Row>[], now: readonly Row[], keyOf: (row: Row) => string): HeldRow<Row>[] {
  const fresh = new Map(now.map((row) => [keyOf(row), row]));
  const held: HeldRow<Row>[] = before.map((old) => {
    const key = keyOf(old.row);
    const row = fresh.get(key);
    fresh.delete(key);
    return row === undefined ? { row: old.row, isGone: true } : { row, isGone: false };
  });
  for (const row of fresh.values()) held.push({ row, isGone: false });
  return held;
}
