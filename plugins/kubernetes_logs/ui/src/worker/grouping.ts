import type { Patterns } from "../protocol.ts";
import { PASSES_ALL, type CompiledFilter } from "./filter.ts";
import type { Item } from "./item.ts";
import { PatternCount, type PatternTable } from "./patterns.ts";

type Grouped = () => { items: readonly Item[]; filter: CompiledFilter };

/** At the soonest so long after a count the next one starts; a long one waits ten times its own time. */
const AGAIN_MS = 1000;

/** Groups lines by pattern for as long as somebody looks: anew when the filter changes, now and then when lines come. */
export class Grouping {
  private readonly table: PatternTable;
  private readonly report: (patterns: Patterns) => void;
  private read: Grouped | null = null;
  private running: PatternCount | null = null;
  private isStale = false;
  private timer = 0;
  private nextAt = 0;

  constructor(table: PatternTable, report: (patterns: Patterns) => void) {
    this.table = table;
    this.report = report;
  }

  /** Start or stop. */
  watch(isOn: boolean, read: Grouped): void {
    this.read = isOn ? read : null;
    this.restart();
  }

  /** Lines have come. */
  changed(): void {
    this.isStale = true;
    if (!this.read || this.running || this.timer) return;
    this.timer = setTimeout(() => this.restart(), Math.max(0, this.nextAt - Date.now())) as unknown as number;
  }

  /** What was counted is of no use any more. */
  restart(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.running) this.running.isCancelled = true;
    this.running = null;
    if (this.read) void this.run(this.read);
  }

  private async run(read: Grouped): Promise<void> {
    const { items, filter } = read();
    const count = new PatternCount(items, (item) => filter.mask(item) === PASSES_ALL, this.table);
    const begun = Date.now();
    this.running = count;
    this.isStale = false;
    await count.run(this.report);
    if (this.running !== count) return;
    this.running = null;
    this.nextAt = Date.now() + Math.max(AGAIN_MS, (Date.now() - begun) * 10);
    if (this.isStale) this.changed();
  }
}
