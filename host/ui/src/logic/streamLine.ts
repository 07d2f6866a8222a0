/** Return a line of a stream on one line of text. */
export function lineText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("  ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .filter(([, one]) => one !== null && one !== "")
    .map(([name, one]) => `${name}=${typeof one === "string" ? one : JSON.stringify(one)}`)
    .join("  ");
}

/** The newest lines of a stream; how many came in all and how many of them had to go. */
export class LineTail {
  lines: unknown[] = [];
  total = 0;

  constructor(private readonly limit: number) {}

  get dropped(): number {
    return this.total - this.lines.length;
  }

  push(batch: readonly unknown[]): void {
    this.total += batch.length;
    this.lines.push(...batch);
    // Cut in larger steps, so that a long stream does not move the whole tail with every line.
    if (this.lines.length > this.limit * 1.1) this.lines = this.lines.slice(-this.limit);
  }

  /** Return the lines as they came. */
  text(): string {
    return this.lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  }
}
