import { patternOfLine } from "../logic/template.ts";
import { LEVELS, type PatternGroup, type Patterns } from "../protocol.ts";
import { msStamp, stampMs } from "../logic/stamps.ts";
import type { Item } from "./item.ts";

const MOST_PATTERNS = 50_000;
const MOST_SENT = 1000;
const BUCKETS = 24;
const SLICE_MS = 20;
const REPORT_MS = 250;
const CHECKED = 256;
/** What lines beyond the limit are counted as. */
const OTHERS = "(more patterns than can be told apart)";

/** Patterns by number: a line's is worked out once and kept with it. */
export class PatternTable {
  private readonly numbers = new Map<string, number>();
  private readonly texts: string[] = [""];

  /** Return the number of an item's pattern; never 0, which is that of an item nobody has asked about. */
  of(item: Item): number {
    return item.pattern || (item.pattern = this.number(patternOfLine(item.text)));
  }

  number(text: string): number {
    const known = this.numbers.get(text);
    if (known) return known;
    if (this.texts.length > MOST_PATTERNS && text !== OTHERS) return this.number(OTHERS);
    this.texts.push(text);
    this.numbers.set(text, this.texts.length - 1);
    return this.texts.length - 1;
  }

  text(number: number): string {
    return this.texts[number] ?? "";
  }
}

interface Span {
  fromMs: number;
  bucketMs: number;
  /** Keys at which buckets end. */
  ends: string[];
}

function spanOf(items: readonly Item[]): Span {
  const from = stampMs(items.find((item) => item.key)?.key ?? "");
  const until = stampMs(items.at(-1)?.key ?? "");
  const bucketMs = Math.max(1, (until - from + 1) / BUCKETS || 1);
  const ends = Number.isNaN(from) ? [] : Array.from({ length: BUCKETS - 1 }, (_, at) => msStamp(Math.floor(from + bucketMs * (at + 1))));
  return { fromMs: Number.isNaN(from) ? 0 : from, bucketMs, ends };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Counts the lines of each pattern in slices, so that whoever waits for the worker is answered in between. */
export class PatternCount {
  private readonly groups = new Map<number, PatternGroup>();
  private readonly items: readonly Item[];
  private readonly passes: (item: Item) => boolean;
  private readonly table: PatternTable;
  private readonly span: Span;
  private lines = 0;
  private bucket = 0;
  isCancelled = false;

  constructor(items: readonly Item[], passes: (item: Item) => boolean, table: PatternTable) {
    this.items = items.slice(); // the store goes on changing between slices
    this.passes = passes;
    this.table = table;
    this.span = spanOf(items);
  }

  /** Count everything; `report` hears of it on the way and at the end, unless it is cancelled. */
  async run(report: (patterns: Patterns) => void): Promise<void> {
    let sliceAt = performance.now();
    let reportedAt = sliceAt;
    for (let at = 0; at < this.items.length; at += 1) {
      this.count(this.items[at] as Item);
      if (at % CHECKED || performance.now() - sliceAt < SLICE_MS) continue;
      if (performance.now() - reportedAt > REPORT_MS) {
        report(this.result(at));
        reportedAt = performance.now();
      }
      await pause();
      if (this.isCancelled) return;
      sliceAt = performance.now();
    }
    report(this.result(this.items.length));
  }

  private count(item: Item): void {
    while (this.bucket < this.span.ends.length && item.key >= (this.span.ends[this.bucket] as string)) this.bucket += 1;
    if (item.rule || !this.passes(item)) return;
    const number = this.table.of(item);
    let group = this.groups.get(number);
    if (!group) {
      group = { pattern: this.table.text(number), count: 0, levels: LEVELS.map(() => 0), first: item.key, last: item.key, buckets: new Array<number>(BUCKETS).fill(0) };
      this.groups.set(number, group);
    }
    group.count += 1;
    group.last = item.key;
    group.levels[item.level] = (group.levels[item.level] ?? 0) + 1;
    group.buckets[this.bucket] = (group.buckets[this.bucket] ?? 0) + 1;
    this.lines += 1;
  }

  private result(done: number): Patterns {
    const sorted = [...this.groups.values()].sort((a, b) => b.count - a.count);
    const groups = sorted.slice(0, MOST_SENT).map((group) => ({ ...group, levels: [...group.levels], buckets: [...group.buckets] }));
    return { done, total: this.items.length, lines: this.lines, found: sorted.length, groups, fromMs: this.span.fromMs, bucketMs: this.span.bucketMs };
  }
}
