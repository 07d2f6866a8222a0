import { stampMs } from "../logic/stamps.ts";
import { EVERYTHING, type FilterSpec, type FromWorker, type Histogram, type Rule, type SourceInfo, type ToWorker, type ViewId, type WireEvent, type WireRow } from "../protocol.ts";
import { compileFilter, type CompiledFilter } from "./filter.ts";
import { Grouping } from "./grouping.ts";
import { exportItems } from "./exporting.ts";
import { countByTime } from "./histogram.ts";
import { Ingest } from "./ingest.ts";
import { compareItems, lineCount, mergeItems, type Item } from "./item.ts";
import { PatternTable } from "./patterns.ts";
import { deathRule, eventRule, gapRule, noticeRule, sourceRule } from "./rules.ts";
import { Sources } from "./sources.ts";
import { drawItem, View } from "./view.ts";

type Post = (message: FromWorker) => void;

/** Lines the page keeps: beyond them the oldest tenth is forgotten, and said so. */
const MOST_ITEMS = 1_500_000;
const FLUSH_MS = 60;
const HISTOGRAM_MS = 500;

/** Keeps the lines of a stream and tells the page the stretch that it draws. */
export class LogEngine {
  readonly items: Item[] = [];
  readonly sources = new Sources();
  private readonly ingest = new Ingest();
  private readonly patterns = new PatternTable();
  private readonly views = new Map<ViewId, View>([["main", new View(true, this.patterns)]]);
  private readonly grouping: Grouping;
  private readonly open = new Set<number>();
  private held: Item[] = [];
  private isPaused = false;
  private forgotten = 0;
  private dropped = 0;
  private timer = 0;
  private histogram: Histogram | null = null;
  private histogramAtMs = 0;
  private histogramTimer = 0;
  private areSourcesNew = false;
  private readonly post: Post;
  private readonly mostItems: number;

  constructor(post: Post, mostItems = MOST_ITEMS) {
    this.post = post;
    this.mostItems = mostItems;
    this.grouping = new Grouping(this.patterns, (patterns) => post({ type: "patterns", patterns }));
  }

  /** A connection has started: numbers of sources begin anew, and rows without a cover come again, but not of those left out. */
  connecting(excluded: readonly string[]): void {
    this.sources.reconnected();
    const aside = this.sources.indexes(excluded);
    this.ingest.reconnected((source) => aside.has(source));
  }

  /** Take what has arrived; the page hears of it a little later, together. */
  take(lines: readonly (WireRow | WireEvent)[]): void {
    for (const line of lines) {
      if (Array.isArray(line)) {
        const source = this.sources.of(line[0]);
        source.hasRows = true;
        this.ingest.row(source.index, line);
      } else this.takeEvent(line);
    }
    this.schedule();
  }

  /** Do what the page asks. */
  handle(message: ToWorker): void {
    if (message.type === "filter") this.setFilter(message.view, message.filter);
    else if (message.type === "window") this.want(message);
    else if (message.type === "expand") this.expand(message.id, message.isOpen);
    else if (message.type === "pause") this.pause(message.isPaused);
    else if (message.type === "clear") this.clear();
    else if (message.type === "patterns") this.grouping.watch(message.isOn, () => this.grouped());
    else if (message.type === "mark") this.addRule(-1, new Date().toISOString().replace("Z", "000000Z"), { kind: "mark", tone: "info", text: message.text });
    else if (message.type === "find") this.find(message);
    else if (message.type === "locate") this.locate(message);
    else if (message.type === "export") void this.export(message);
    else if (message.type === "around") this.around(message);
  }

  /** Forget all lines: another stream begins. */
  reset(): void {
    this.clear();
    this.ingest.reset();
    this.dropped = 0;
    this.forgotten = 0;
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    const { fresh, grown } = this.ingest.take();
    if (this.areSourcesNew) {
      this.areSourcesNew = false;
      for (const view of this.views.values()) if (view.spec.hiddenSources.length || view.spec.onlySources) view.apply(view.spec, this.items, this.sources.indexes);
      this.post({ type: "sources", sources: this.sources.all.map((source) => ({ ...source })) });
    }
    if (this.isPaused) this.hold(fresh);
    else this.show(fresh, grown);
    this.tell();
  }

  /** A pause may last: what it holds back is bounded like the list. */
  private hold(fresh: readonly Item[]): void {
    for (const item of fresh) this.held.push(item);
    if (this.held.length <= this.mostItems) return;
    for (const item of this.held.splice(0, this.held.length - Math.floor(this.mostItems * 0.9))) this.forgotten += lineCount(item);
  }

  private show(fresh: Item[], grown: readonly Item[]): void {
    fresh.sort(compareItems);
    mergeItems(this.items, fresh);
    for (const view of this.views.values()) view.add(fresh, grown);
    if (this.items.length > this.mostItems) this.forgetOldest();
    if (fresh.length) this.grouping.changed();
  }

  /** What is grouped: all lines, and which of them pass the rest of the filter. */
  private grouped(): { items: readonly Item[]; filter: CompiledFilter } {
    const spec = this.views.get("main")?.spec ?? EVERYTHING;
    return { items: this.items, filter: compileFilter({ ...spec, pattern: "" }, this.sources.indexes, this.patterns) };
  }

  private takeEvent(event: WireEvent): void {
    const source = typeof event.source === "number" && event.type !== "source" ? this.sources.of(event.source) : null;
    const at = typeof event.at === "string" ? event.at : "";
    if (event.type === "source") this.takeSource(event);
    else if (event.type === "cursor") this.ingest.covered();
    else if (event.type === "gap") this.takeGap(event, source);
    else if (event.type === "event") this.addRule(-1, at, eventRule(event));
    else if (event.type === "death") this.addRule(source?.index ?? -1, String(event.finishedAt ?? at), deathRule(event));
    else if (event.type === "notice") this.post({ type: "notice", rule: noticeRule(event), code: String(event.code ?? "") });
    else if (event.type === "stats" && event.skewMs) this.sources.skews(event.skewMs);
  }

  private takeSource(event: WireEvent): void {
    const known = event.change === "waiting" ? this.sources.of(Number(event.source)) : null;
    const before = known && `${known.state} ${known.reason}`;
    const source = this.sources.change(event);
    this.areSourcesNew = true;
    if (known && before === `${source.state} ${source.reason}`) return; // told before the connection broke
    const rule = sourceRule(event, source);
    const at = event.change === "restarted" ? (event.at ?? event.finishedAt) : event.change === "opened" ? event.historyFrom : "";
    if (rule) this.addRule(source.index, typeof at === "string" ? at : "", rule);
  }

  private takeGap(event: WireEvent, source: SourceInfo | null): void {
    if (event.cause === "dropped" && typeof event.count === "number") this.dropped += event.count;
    const at = typeof event.to === "string" ? event.to : typeof event.from === "string" ? event.from : "";
    this.addRule(source?.index ?? -1, at, gapRule(event, source));
  }

  private addRule(source: number, stamp: string, rule: Rule): void {
    // Events carry seconds only; sorted as text they need the digits of the rows.
    const full = stamp && stamp.length < 30 && !Number.isNaN(stampMs(stamp)) ? `${new Date(stampMs(stamp)).toISOString().slice(0, 23)}000000Z` : stamp;
    this.ingest.rule(source, full, rule);
    this.schedule();
  }

  private setFilter(id: ViewId, filter: FilterSpec | null): void {
    if (!filter) {
      this.views.delete(id);
      return;
    }
    const view = this.views.get(id) ?? new View(id === "main", this.patterns);
    this.views.set(id, view);
    view.apply(filter, this.items, this.sources.indexes);
    if (id === "main") this.grouping.restart();
    this.histogramAtMs = 0;
    this.tell();
  }

  private want(message: Extract<ToWorker, { type: "window" }>): void {
    const view = this.views.get(message.view);
    if (!view) return;
    view.want(message.first, message.count, message.anchor, message.isTail, message.shift);
    this.tellWindow(message.view, view);
  }

  private expand(id: number, isOpen: boolean): void {
    if (isOpen) this.open.add(id);
    else this.open.delete(id);
    for (const [name, view] of this.views) this.tellWindow(name, view);
  }

  private pause(isPaused: boolean): void {
    this.flush();
    this.isPaused = isPaused;
    if (isPaused) return this.tell();
    const held = this.held;
    this.held = [];
    this.show(held, []);
    this.tell();
  }

  private clear(): void {
    this.items.length = 0;
    this.held = [];
    this.open.clear();
    this.ingest.take();
    this.ingest.rows = 0;
    for (const view of this.views.values()) view.clear();
    this.grouping.restart();
    this.histogramAtMs = 0;
    this.tell();
  }

  private find({ view: id, from, step, shift, token }: Extract<ToWorker, { type: "find" }>): void {
    const view = this.views.get(id);
    const index = view ? view.find(from + view.shift - shift, step) : -1;
    this.post({ type: "found", token, index, id: view?.items[index]?.id ?? -1, shift: view?.shift ?? 0 });
  }

  private locate({ view: id, stamp, key, token }: Extract<ToWorker, { type: "locate" }>): void {
    const view = this.views.get(id);
    const source = this.sources.all.find((one) => one.key === key)?.index;
    const isIt = (item: Item) => item.stamp === stamp && (source === undefined || item.source === source);
    const index = view?.items.findIndex(isIt) ?? -1;
    this.post({ type: "found", token, index, id: view?.items[index]?.id ?? -1, shift: view?.shift ?? 0 });
  }

  private async export({ format, isGzip, token }: Extract<ToWorker, { type: "export" }>): Promise<void> {
    const { blob, count } = await exportItems(this.views.get("main")?.items ?? [], this.sources.all, format, isGzip);
    this.post({ type: "exported", token, blob, count });
  }

  private around({ id, count, token }: Extract<ToWorker, { type: "around" }>): void {
    const item = this.items.find((one) => one.id === id);
    const same = item ? this.items.filter((one) => one.source === item.source && !one.rule) : [];
    const at = item ? same.indexOf(item) : -1;
    const first = Math.max(0, at - count);
    const items = same.slice(first, at + count + 1).map((one) => drawItem(one, true, false));
    this.post({ type: "around", token, items, index: at - first });
  }

  private forgetOldest(): void {
    const removed = this.items.splice(0, this.items.length - Math.floor(this.mostItems * 0.9));
    for (const item of removed) {
      this.forgotten += lineCount(item);
      this.open.delete(item.id);
    }
    for (const view of this.views.values()) view.trim(removed, this.items[0]);
  }

  private schedule(): void {
    if (!this.timer) this.timer = setTimeout(() => this.flush(), FLUSH_MS) as unknown as number;
  }

  private tell(): void {
    for (const [id, view] of this.views) this.tellWindow(id, view);
    this.tellSummary();
  }

  private tellSummary(): void {
    const main = this.views.get("main");
    if (!main) return;
    const waitMs = this.histogramAtMs + HISTOGRAM_MS - Date.now();
    if (waitMs <= 0) {
      this.histogram = countByTime(this.items);
      this.histogramAtMs = this.histogram ? Date.now() : 0;
    } else if (!this.histogramTimer) {
      this.histogramTimer = setTimeout(() => {
        this.histogramTimer = 0;
        this.tellSummary();
      }, waitMs) as unknown as number;
    }
    let held = 0;
    for (const item of this.held) held += lineCount(item);
    const { levels, hits, filter } = main;
    this.post({ type: "summary", rows: this.ingest.rows, held, dropped: this.dropped, forgotten: this.forgotten, since: this.forgotten ? (this.items[0]?.key ?? "") : "", levels: [...levels], hits, histogram: this.histogram, badPattern: filter.badPattern });
  }

  private tellWindow(id: ViewId, view: View): void {
    const { first, items } = view.stretch();
    const isSearching = view.spec.query !== "";
    const drawn = items.map((item) => drawItem(item, this.open.has(item.id), isSearching && view.filter.isHit(item)));
    this.post({ type: "window", view: id, total: view.items.length, lines: view.lines, first, items: drawn, shift: view.shift, fresh: view.fresh, isTail: view.wanted.isTail });
  }
}
