import { msStamp } from "../logic/stamps.ts";
import { LEVEL_LETTERS, UNKNOWN_LEVEL, type WireRow } from "../protocol.ts";
import type { Item } from "./item.ts";

const LONGEST_TAIL = 2000;
/** A stream that sends no cursors must not fill the memory. */
const MOST_UNCOVERED = 300_000;

interface Lane {
  key: string;
  head: Item | null;
}

/** Turns rows into items: joins stack traces to their head, keeps each source in order, drops what came twice. */
export class Ingest {
  private nextId = 1;
  private readonly lanes = new Map<number, Lane>();
  /** Rows since the last cursor: a reconnect sends them again. */
  private uncovered = new Map<string, number>();
  private expected = new Map<string, number>();
  /** Such rows of sources that are left out now: they come again when those are read again. */
  private aside = new Map<string, number>();
  private latest = "";
  fresh: Item[] = [];
  grown = new Set<Item>();
  rows = 0;
  /** Rows of the stream that were here already. */
  repeated = 0;

  /** Take one row of the source with this index of ours. */
  row(source: number, wire: WireRow): void {
    const [, stamp, letter, text, extra] = wire;
    if (this.isRepeated(source, stamp, text)) return;
    this.rows += 1;
    const lane = this.lane(source);
    if (letter === "+" && lane.head && (lane.head.tail?.length ?? 0) < LONGEST_TAIL) {
      (lane.head.tail ??= []).push(text);
      (lane.head.tailStamps ??= []).push(stamp);
      this.grown.add(lane.head);
      return;
    }
    const level = LEVEL_LETTERS.indexOf(letter);
    if (stamp > lane.key) lane.key = stamp;
    if (lane.key > this.latest) this.latest = lane.key;
    const item: Item = { id: this.nextId++, key: lane.key || this.latestKey(), source, stamp, level: level < 0 ? UNKNOWN_LEVEL : level, text, mask: 0, pattern: 0 };
    if (extra) item.extra = extra;
    lane.head = item;
    this.fresh.push(item);
  }

  /** Take a rule; without a time it stands where its source is. */
  rule(source: number, stamp: string, rule: NonNullable<Item["rule"]>): void {
    const key = stamp || this.lanes.get(source)?.key || this.latestKey();
    this.fresh.push({ id: this.nextId++, key, source, stamp, level: UNKNOWN_LEVEL, text: "", rule, mask: 0, pattern: 0 });
  }

  /** Everything up to here is covered: it will not come again. */
  covered(): void {
    this.uncovered.clear();
  }

  /** A new connection: what no cursor covered is expected to be sent again, of sources left out later. */
  reconnected(isAside: (source: number) => boolean = () => false): void {
    const all = [...this.aside, ...this.uncovered];
    this.aside = new Map();
    this.expected = new Map();
    for (const [name, count] of all) (isAside(Number.parseInt(name, 10)) ? this.aside : this.expected).set(name, count);
    this.uncovered = new Map(this.expected);
  }

  /** Forget everything but the numbers. */
  reset(): void {
    this.lanes.clear();
    this.uncovered.clear();
    this.expected.clear();
    this.aside.clear();
    this.latest = "";
    this.fresh = [];
    this.grown.clear();
    this.rows = 0;
  }

  /** Hand over what came since. */
  take(): { fresh: Item[]; grown: Item[] } {
    const taken = { fresh: this.fresh, grown: [...this.grown] };
    this.fresh = [];
    this.grown = new Set();
    return taken;
  }

  private isRepeated(source: number, stamp: string, text: string): boolean {
    const name = `${source} ${stamp} ${text}`;
    const left = this.expected.get(name);
    if (left) {
      if (left === 1) this.expected.delete(name);
      else this.expected.set(name, left - 1);
      this.repeated += 1;
      return true;
    }
    if (this.uncovered.size > MOST_UNCOVERED) this.uncovered.clear();
    this.uncovered.set(name, (this.uncovered.get(name) ?? 0) + 1);
    return false;
  }

  private lane(source: number): Lane {
    let lane = this.lanes.get(source);
    if (!lane) this.lanes.set(source, (lane = { key: "", head: null }));
    return lane;
  }

  private latestKey(): string {
    return (this.latest ||= msStamp(Date.now()));
  }
}
