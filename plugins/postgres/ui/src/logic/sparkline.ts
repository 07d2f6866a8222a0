export interface Point {
  x: number;
  y: number;
}

const WIDTH = 80;
const HEIGHT = 20;
const PADDING = 2;

const rounded = (value: number) => Math.round(value * 100) / 100;

/** Return the points of a line through the values that are known, in an area of 80 by 20; a steady line lies at the bottom. */
export function sparklinePoints(values: readonly (number | null)[]): Point[] {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ index, value }]));
  if (known.length < 2) return [];
  const low = Math.min(...known.map(({ value }) => value));
  const span = Math.max(...known.map(({ value }) => value)) - low;
  const step = WIDTH / (values.length - 1);
  const room = HEIGHT - 2 * PADDING;
  return known.map(({ index, value }) => ({ x: rounded(index * step), y: rounded(HEIGHT - PADDING - (span ? ((value - low) / span) * room : 0)) }));
}
