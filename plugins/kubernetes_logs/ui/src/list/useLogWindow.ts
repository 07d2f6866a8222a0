import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { setGeometry } from "@mission-control/plugin-ui";
import type { LogClient } from "../logic/logClient.ts";
import { isScaled, movePlace, placeAt, scrollTopOf, spacerHeight, type Place, type Scale } from "../logic/place.ts";
import type { DrawItem, FromWorker, ViewId } from "../protocol.ts";

const FETCHED = 360;
const MARGIN = 60;
const SETTLE_MS = 160;
const TOUCH_MS = 500;
const ROW_HEIGHT = 20;

type WindowMessage = Extract<FromWorker, { type: "window" }>;

/** The stretch of rows in the page, where the view stands in it, and how scrolling moves it. */
export class LogWindow {
  place: Place = { index: 0, offset: 0 };
  isTail = true;
  total = 0;
  /** Those of them that are lines. */
  lines = 0;
  first = 0;
  items: DrawItem[] = [];
  shift = 0;
  fresh = 0;
  rowHeight = ROW_HEIGHT;
  viewHeight = 600;
  readonly heights = new Map<number, number>();
  private extraHeight = 0;
  scroller: HTMLElement | null = null;
  private lastTop = 0;
  private asked = "";
  private settling = 0;
  private touchedAt = -TOUCH_MS;
  private readonly client: LogClient;
  private readonly view: ViewId;
  private readonly listeners = new Set<() => void>();

  constructor(client: LogClient, view: ViewId) {
    this.client = client;
    this.view = view;
  }

  /** Be called when there is something new to draw; returns a function that stops. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private redraw(): void {
    for (const listener of this.listeners) listener();
  }

  get scale(): Scale {
    const average = this.rowHeight + Math.max(0, this.extraHeight) / Math.max(1, this.total);
    return { total: this.total, rowHeight: average, viewHeight: this.viewHeight };
  }

  /** Is there more than fits? */
  get isOverflowing(): boolean {
    return this.total * this.scale.rowHeight > this.viewHeight;
  }

  /** Rows that fit, with some to spare. */
  get visibleCount(): number {
    return Math.ceil(this.viewHeight / this.rowHeight) + 3;
  }

  item(index: number): DrawItem | undefined {
    return this.items[index - this.first];
  }

  heightOf = (index: number): number => {
    const item = this.item(index);
    return (item && this.heights.get(item.id)) ?? this.rowHeight;
  };

  /** Remember a row's real height. */
  measured(id: number, height: number): void {
    const known = this.heights.get(id) ?? this.rowHeight;
    if (height === known) return;
    this.extraHeight += height - known;
    if (height === this.rowHeight) this.heights.delete(id);
    else this.heights.set(id, height);
  }

  /** Forget heights: lines break elsewhere now, or others are shown. */
  forgetHeights(): void {
    this.heights.clear();
    this.extraHeight = 0;
  }

  receive(message: WindowMessage): void {
    if (message.view !== this.view) return;
    if (!this.isTail) this.place.index = Math.max(0, Math.min(message.total - 1, this.place.index + message.shift - this.shift));
    const rows = Math.floor(this.viewHeight / this.rowHeight);
    // Fewer pass the filter now: the view stays full where there are enough.
    if (!this.isTail && message.total < this.total && this.place.index > message.total - rows) this.place = { index: Math.max(0, message.total - rows), offset: 0 };
    this.shift = message.shift;
    this.total = message.total;
    this.lines = message.lines;
    this.first = message.first;
    this.items = message.items;
    this.fresh = message.fresh;
    this.ask();
    this.redraw();
  }

  /** Ask for what is about to be drawn, once. */
  ask(isForced = false): void {
    const until = this.place.index + this.visibleCount;
    const hasStart = this.first <= Math.max(0, this.place.index - MARGIN);
    const hasEnd = this.first + this.items.length >= Math.min(this.total, until + MARGIN);
    if (!isForced && !this.isTail && hasStart && hasEnd) return;
    const first = Math.max(0, this.place.index - Math.floor(FETCHED / 3));
    const name = this.isTail ? `tail ${this.visibleCount}` : `${first} ${this.shift}`;
    if (!isForced && name === this.asked) return;
    this.asked = name;
    const count = this.isTail ? this.visibleCount * 2 : FETCHED;
    this.client.send({ type: "window", view: this.view, first, count, anchor: this.place.index, isTail: this.isTail, shift: this.shift });
  }

  /** Take the element that scrolls, which may be a new one; what the old one was at says nothing of it. */
  attach(element: HTMLElement | null): void {
    this.scroller = element;
    this.lastTop = element?.scrollTop ?? 0;
    if (element) this.resized(element);
  }

  resized(element: HTMLElement): void {
    this.viewHeight = element.clientHeight;
    setGeometry(element, { "--view-h": `${element.clientHeight}px` });
    this.rowHeight = element.querySelector<HTMLElement>("[data-probe]")?.offsetHeight || ROW_HEIGHT;
    this.ask(true);
  }

  /** Somebody has a hand at the list: wheel or finger. */
  touched = (): void => {
    this.touchedAt = performance.now();
  };

  scrolled = (): void => {
    const element = this.scroller;
    if (!element || Math.abs(element.scrollTop - this.lastTop) < 1) return;
    const delta = element.scrollTop - this.lastTop;
    this.lastTop = element.scrollTop;
    const isAtEnd = element.scrollTop >= element.scrollHeight - element.clientHeight - 1;
    if (this.isTail && isAtEnd) return; // the browser moved it: the list became higher or shorter
    if (isAtEnd && delta > 0) return this.toTail();
    this.leaveTail();
    if (element.scrollTop < 1) this.place = { index: 0, offset: 0 };
    else if (Math.abs(delta) > this.viewHeight * 1.5 || !this.isUneven) this.place = placeAt(element.scrollTop, this.scale);
    else this.place = movePlace(this.place, delta, this.total, this.heightOf);
    this.ask();
    this.settle();
    this.redraw();
  };

  toTail = (): void => {
    this.isTail = true;
    this.place = { index: Math.max(0, this.total - this.visibleCount), offset: 0 };
    this.fresh = 0;
    this.ask(true);
    this.redraw();
  };

  /** Bring a row into view, in the middle unless it is there already. */
  reveal(index: number, isCentred = false): void {
    if (this.isTail && !isCentred && index >= this.total - this.visibleCount + 5) return;
    this.leaveTail();
    const rows = Math.floor(this.viewHeight / this.rowHeight);
    const isIn = index >= this.place.index && index < this.place.index + rows - 1;
    if (isIn && !isCentred) return;
    const above = isCentred ? Math.floor(rows / 3) : index < this.place.index ? 0 : rows - 2;
    this.place = { index: Math.max(0, Math.min(Math.max(0, this.total - rows), index - above)), offset: 0 };
    window.clearTimeout(this.settling); // nobody scrolls: the scrollbar goes along at once
    this.settling = 0;
    this.ask(true);
    this.redraw();
  }

  /** After drawing: keep what was seen where it was, and the scrollbar where it belongs. */
  drawn(): void {
    const element = this.scroller;
    if (!element) return;
    const end = element.scrollHeight - element.clientHeight;
    // Somebody scrolled, and the browser has not told of it yet: to go to the end now would pull them back. Without a
    // hand at it the list was moved because it became shorter for a moment.
    const isMoved = element.scrollTop < Math.min(this.lastTop, end) - 1 && performance.now() - this.touchedAt < TOUCH_MS;
    if (this.isTail && isMoved) this.scrolled();
    else if (this.isTail) this.setScrollTop(end);
    else if (!this.settling) this.setScrollTop(scrollTopOf(this.place, this.scale));
  }

  /** Rows differ in height, or a pixel of the scrollbar is more than one of the list. */
  private get isUneven(): boolean {
    return this.heights.size > 0 || isScaled(this.scale);
  }

  /** Stand still where the list is now: somebody reads. */
  leaveTail(): void {
    if (!this.isTail) return;
    const element = this.scroller;
    this.isTail = false;
    const top = element?.getBoundingClientRect().top ?? 0;
    for (const row of element?.querySelectorAll<HTMLElement>("[data-index]") ?? []) {
      const box = row.getBoundingClientRect();
      if (box.bottom <= top) continue;
      this.place = { index: Number(row.dataset.index), offset: Math.min(0, box.top - top) };
      return;
    }
  }

  private setScrollTop(top: number): void {
    if (!this.scroller) return;
    if (Math.abs(this.scroller.scrollTop - top) >= 1) this.scroller.scrollTop = top;
    this.lastTop = this.scroller.scrollTop;
  }

  private settle(): void {
    window.clearTimeout(this.settling);
    this.settling = window.setTimeout(() => {
      this.settling = 0;
      this.drawn();
    }, SETTLE_MS);
  }
}

/** Return which rows are drawn now. */
export function drawnRange(list: LogWindow): { first: number; end: number } {
  if (list.isTail) {
    const end = list.first + list.items.length;
    return { first: Math.max(list.first, end - list.visibleCount), end };
  }
  return { first: list.place.index, end: Math.min(list.total, list.place.index + list.visibleCount) };
}

export function drawnItems(list: LogWindow): DrawItem[] {
  const { first, end } = drawnRange(list);
  return list.items.slice(Math.max(0, first - list.first), Math.max(0, end - list.first));
}

/** Bind a window of a view to the page; what draws it follows it by `useListValue`. */
export function useLogWindow(client: LogClient, view: ViewId): LogWindow {
  const [list] = useState(() => new LogWindow(client, view));
  useEffect(() => {
    const stop = client.listen((message) => message.type === "window" && list.receive(message));
    list.ask(true);
    return stop;
  }, [client, list]);
  return list;
}

/** Return something of a list, and draw again only when it changes. */
export function useListValue<Value>(list: LogWindow, read: (list: LogWindow) => Value): Value {
  const latest = useRef(read);
  latest.current = read;
  const [value, setValue] = useState<{ of: Value }>(() => ({ of: read(list) }));
  useLayoutEffect(() => {
    const follow = () => {
      const next = latest.current(list);
      setValue((before) => (Object.is(before.of, next) ? before : { of: next }));
    };
    follow();
    return list.listen(follow);
  }, [list]);
  return value.of;
}

/** Draw again whenever the list has moved or changed. */
export function useListDrawing(list: LogWindow): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => list.listen(() => redraw(0)), [list]);
}

/** Follow the size of the list and tell it of scrolling; returns the ref for the scrolling element. */
export function useScroller(list: LogWindow): (element: HTMLElement | null) => void {
  const observer = useRef<ResizeObserver | null>(null);
  useEffect(() => () => observer.current?.disconnect(), []);
  return useCallback(
    (element: HTMLElement | null) => {
      observer.current?.disconnect();
      list.attach(element);
      if (!element) return;
      observer.current = new ResizeObserver(() => list.resized(element));
      observer.current.observe(element);
    },
    [list],
  );
}

/** Measure what was drawn and put it in its place. */
export function useMeasured(list: LogWindow, layer: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    for (const row of layer.current?.querySelectorAll<HTMLElement>("[data-id]") ?? []) {
      list.measured(Number(row.dataset.id), row.offsetHeight);
    }
    setGeometry(list.scroller, { "--rest": `${Math.max(0, spacerHeight(list.scale) - list.viewHeight)}px` });
    const offset = list.isTail ? Math.min(0, list.viewHeight - (layer.current?.offsetHeight ?? 0)) : list.place.offset;
    setGeometry(layer.current, { "--y": `${offset}px` });
    list.drawn();
  });
}
