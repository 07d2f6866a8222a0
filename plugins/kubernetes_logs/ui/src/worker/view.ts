import { EVERYTHING, LEVELS, type DrawItem, type FilterSpec } from "../protocol.ts";
import { compileFilter, PASSES_ALL, PASSES_LEVEL, type CompiledFilter } from "./filter.ts";
import { compareItems, lineCount, lowerBound, mergeItems, type Item } from "./item.ts";
import { PatternTable } from "./patterns.ts";

const DRAWN_CHARS = 4000;
const OPEN_CHARS = 256 * 1024;
const OPEN_LINES = 500;

/** What the page last asked to see. */
export interface Wanted {
  first: number;
  count: number;
  anchor: Item | null;
  anchorIndex: number;
  isTail: boolean;
}

/** The rows that pass one filter, in order, and the stretch of them that the page draws. */
export class View {
  items: Item[] = [];
  filter: CompiledFilter = compileFilter(EVERYTHING, () => new Set(), new PatternTable());
  spec: FilterSpec = EVERYTHING;
  wanted: Wanted = { first: 0, count: 200, anchor: null, anchorIndex: 0, isTail: true };
  /** How far the anchor has moved since the start: requests that cross an answer are corrected by it. */
  shift = 0;
  private readonly hitItems = new Set<Item>();
  /** Lines that came since the end was in view. */
  fresh = 0;
  /** Lines by level that pass all but the level filter. */
  levels: number[] = LEVELS.map(() => 0);
  private readonly isMain: boolean;

  private readonly patterns: PatternTable;

  constructor(isMain: boolean, patterns = new PatternTable()) {
    this.isMain = isMain;
    this.patterns = patterns;
  }

  /** Rows that are lines, and neither events nor marks. */
  get lines(): number {
    return this.levels.reduce((sum, count, level) => (this.spec.hiddenLevels.includes(level) ? sum : sum + count), 0);
  }

  get hits(): number {
    return this.hitItems.size;
  }

  /** Take a filter and look at everything again. */
  apply(spec: FilterSpec, all: readonly Item[], indexes: (keys: readonly string[]) => Set<number>): void {
    this.spec = spec;
    this.filter = compileFilter(spec, indexes, this.patterns);
    this.items = [];
    this.clearCounts();
    for (const item of all) if (this.admit(item)) this.items.push(item);
    this.fresh = 0;
    this.reanchor();
  }

  /** Take items that are new to the store, sorted; a row that has grown may become one of them. */
  add(batch: readonly Item[], grown: readonly Item[]): void {
    const admitted = batch.filter((item) => this.admit(item));
    mergeItems(this.items, admitted);
    if (this.spec.query) mergeItems(this.items, grown.filter((item) => this.hasGrownIn(item)).sort(compareItems));
    if (!this.wanted.isTail) for (const item of admitted) this.fresh += lineCount(item);
    this.reanchor();
  }

  /** Forget everything before `first`. */
  trim(removed: readonly Item[], first: Item | undefined): void {
    for (const item of removed) this.count(item, item.mask, -1);
    this.items.splice(0, first ? lowerBound(this.items, first) : this.items.length);
    this.reanchor();
  }

  clear(): void {
    this.items = [];
    this.fresh = 0;
    this.clearCounts();
    this.reanchor();
  }

  /** Take the page's wish; `shift` is what the page knew of how far rows have moved. */
  want(first: number, count: number, anchor: number, isTail: boolean, shift: number): void {
    const moved = this.shift - shift;
    const at = Math.max(0, Math.min(this.items.length - 1, anchor + moved));
    this.wanted = { first: Math.max(0, first + moved), count, anchor: this.items[at] ?? null, anchorIndex: at, isTail };
    if (isTail) this.fresh = 0;
  }

  /** Return the stretch that the page wants. */
  stretch(): { first: number; items: Item[] } {
    const { count, isTail } = this.wanted;
    const last = Math.max(0, this.items.length - count);
    const first = isTail ? last : Math.max(0, Math.min(this.wanted.first, last));
    return { first, items: this.items.slice(first, first + count) };
  }

  /** Return the next hit from a place, wrapping round; -1 when there is none. */
  find(from: number, step: 1 | -1): number {
    const count = this.items.length;
    for (let walked = 1; walked <= count; walked += 1) {
      const at = (((from + step * walked) % count) + count) % count;
      if (this.filter.isHit(this.items[at] as Item)) return at;
    }
    return -1;
  }

  private holds(item: Item): boolean {
    return this.items[lowerBound(this.items, item)] === item;
  }

  /** A line of its trace may make a row a hit, or let it into the view. */
  private hasGrownIn(item: Item): boolean {
    if (this.holds(item)) {
      if (this.filter.isHit(item)) this.hitItems.add(item);
      return false;
    }
    const wasCounted = (item.mask | PASSES_LEVEL) === PASSES_ALL;
    const mask = this.filter.mask(item);
    if (this.isMain) item.mask = mask;
    if (!wasCounted) this.count(item, mask, 1);
    return mask === PASSES_ALL;
  }

  private admit(item: Item): boolean {
    const mask = this.filter.mask(item);
    if (this.isMain) item.mask = mask;
    if (!item.rule) this.count(item, mask, 1);
    return mask === PASSES_ALL;
  }

  private count(item: Item, mask: number, sign: 1 | -1): void {
    if (item.rule || (mask | PASSES_LEVEL) !== PASSES_ALL) return;
    this.levels[item.level] = (this.levels[item.level] ?? 0) + sign;
    if (sign < 0) this.hitItems.delete(item);
    else if (mask === PASSES_ALL && this.spec.query && this.filter.isHit(item)) this.hitItems.add(item);
  }

  private clearCounts(): void {
    this.levels = LEVELS.map(() => 0);
    this.hitItems.clear();
  }

  private reanchor(): void {
    const { anchor, anchorIndex } = this.wanted;
    if (!anchor || this.wanted.isTail) return;
    const now = Math.min(lowerBound(this.items, anchor), Math.max(0, this.items.length - 1));
    const moved = now - anchorIndex;
    this.shift += moved;
    this.wanted.first = Math.max(0, this.wanted.first + moved);
    this.wanted.anchorIndex = now;
  }
}

/** Return an item as the page draws it; an open one with all of its text. */
export function drawItem(item: Item, isOpen: boolean, isHit: boolean): DrawItem {
  const { id, source, stamp, level, extra, rule } = item;
  const drawn: DrawItem = { id, source, stamp, level, text: item.text.slice(0, DRAWN_CHARS), tailCount: item.tail?.length ?? 0, isHit };
  if (extra) drawn.extra = extra;
  if (rule) drawn.rule = rule;
  if (isOpen) drawn.open = { text: item.text.slice(0, OPEN_CHARS), tail: (item.tail ?? []).slice(0, OPEN_LINES) };
  return drawn;
}
