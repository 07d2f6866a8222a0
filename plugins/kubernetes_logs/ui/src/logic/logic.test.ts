import { describe, expect, it } from "vitest";
import { EVERYTHING, type FilterSpec, type WireRow } from "../protocol.ts";
import { countByTime, bucketWidth } from "../worker/histogram.ts";
import { Ingest } from "../worker/ingest.ts";
import { compareItems, mergeItems, type Item } from "../worker/item.ts";
import { Sources } from "../worker/sources.ts";
import { View } from "../worker/view.ts";
import { parseAnsi, stripAnsi } from "./ansi.ts";
import { flattenFields, parseFields, summarise } from "./fields.ts";
import { shortNames } from "./names.ts";
import { compileSearch, patternFault, patternSource, splitHits } from "./patterns.ts";
import { isScaled, movePlace, placeAt, scrollTopOf, spacerHeight } from "./place.ts";
import { msStamp, renderStamp, stampMs, withoutStamp } from "./stamps.ts";
import { parseViewState, streamParams } from "./viewState.ts";

const stamp = (ms: number) => msStamp(Date.UTC(2026, 0, 2, 10) + ms);

function filled(rows: WireRow[]): { items: Item[]; ingest: Ingest } {
  const ingest = new Ingest();
  for (const row of rows) ingest.row(row[0], row);
  const items: Item[] = [];
  mergeItems(items, ingest.take().fresh.sort(compareItems));
  return { items, ingest };
}

function viewOf(items: readonly Item[], spec: Partial<FilterSpec>): View {
  const view = new View(true);
  view.apply({ ...EVERYTHING, ...spec }, items, new Sources().indexes);
  return view;
}

describe("the store", () => {
  it("sorts sources into one another and keeps each in order when its stamps go back", () => {
    const { items } = filled([[0, stamp(10), "i", "a1"], [0, stamp(9), "i", "a2"], [1, stamp(5), "i", "b1"], [1, stamp(20), "i", "b2"]]);
    expect(items.map((item) => item.text)).toEqual(["b1", "a1", "a2", "b2"]);
  });

  it("keeps a stack trace with its head", () => {
    const { items } = filled([[0, stamp(1), "e", "failed"], [1, stamp(2), "i", "other"], [0, stamp(3), "+", "  at x"]]);
    expect(items[0]?.tail).toEqual(["  at x"]);
    expect(items).toHaveLength(2);
  });

  it("drops what a reconnect sends again, and only that", () => {
    const ingest = new Ingest();
    ingest.row(0, [0, stamp(1), "i", "covered"]);
    ingest.covered();
    ingest.row(0, [0, stamp(2), "i", "same"]);
    ingest.row(0, [0, stamp(2), "i", "same"]);
    ingest.reconnected();
    for (let at = 0; at < 3; at += 1) ingest.row(0, [0, stamp(2), "i", "same"]);
    expect([ingest.rows, ingest.repeated]).toEqual([4, 2]);
  });

  it("drops what comes again of a source that was left out meanwhile, however long that was", () => {
    const ingest = new Ingest();
    for (const source of [0, 1]) ingest.row(source, [source, stamp(1), "i", "uncovered"]);
    ingest.reconnected((source) => source === 1);
    ingest.row(0, [0, stamp(1), "i", "uncovered"]);
    ingest.covered();
    ingest.reconnected((source) => source === 1);
    ingest.row(0, [0, stamp(1), "i", "uncovered"]);
    ingest.reconnected();
    ingest.row(1, [1, stamp(1), "i", "uncovered"]);
    expect([ingest.rows, ingest.repeated]).toEqual([3, 2]);
  });

  it("merges late items into the middle", () => {
    const { items } = filled(Array.from({ length: 100 }, (_, at): WireRow => [0, stamp(at * 10), "i", `${at}`]));
    const late = filled([[1, stamp(55), "i", "late"]]).items;
    mergeItems(items, late);
    expect(items[6]?.text).toBe("late");
    expect(items).toHaveLength(101);
  });
});

describe("a view", () => {
  const rows: WireRow[] = [[0, stamp(0), "i", "one"], [0, stamp(1000), "e", "two"], [0, stamp(1001), "+", "needle"], [0, stamp(2000), "w", '{"msg":"three","user":{"id":7}}']];

  it("finds a head by a line of its trace", () => {
    const view = viewOf(filled(rows).items, { query: "needle", mode: "filter" });
    expect(view.items.map((item) => item.text)).toEqual(["two"]);
    expect(view.hits).toBe(1);
  });

  it("takes a row and its trace once, and later when a new line of the trace is found", () => {
    const { items, ingest } = filled([]);
    const view = viewOf(items, { query: "needle", mode: "filter" });
    ingest.row(0, [0, stamp(1), "e", "failed"]);
    ingest.row(0, [0, stamp(1), "+", "plain"]);
    const first = ingest.take();
    view.add(first.fresh, first.grown);
    expect([view.items.length, view.levels[4]]).toEqual([0, 0]);
    for (const text of ["a needle", "a needle again"]) {
      ingest.row(0, [0, stamp(1), "+", text]);
      const next = ingest.take();
      view.add(next.fresh, next.grown);
      expect([view.items.length, view.levels[4], view.hits]).toEqual([1, 1, 1]);
    }
    const marked = viewOf([], { query: "failed" });
    marked.add(first.fresh, first.grown);
    expect([marked.items.length, marked.levels[4], marked.hits]).toEqual([1, 1, 1]);
  });

  it("counts levels whether they are shown or not", () => {
    const view = viewOf(filled(rows).items, { hiddenLevels: [2] });
    expect(view.items).toHaveLength(2);
    expect(view.levels).toEqual([0, 0, 1, 1, 1, 0, 0]);
  });

  it("filters by time and by a field", () => {
    const { items } = filled(rows);
    expect(viewOf(items, { from: stamp(500), to: stamp(1500) }).items).toHaveLength(1);
    expect(viewOf(items, { terms: [{ name: "user.id", value: "7", isNot: false }] }).items).toHaveLength(1);
    expect(viewOf(items, { terms: [{ name: "user.id", value: "7", isNot: true }] }).items).toHaveLength(2);
  });

  it("keeps the reader's row when others come before it", () => {
    const { items } = filled(rows);
    const view = viewOf(items, {});
    view.want(0, 10, 1, false, 0);
    view.add(filled([[1, stamp(500), "i", "between"]]).items, []);
    expect([view.shift, view.items[1 + view.shift]?.text]).toEqual([1, "two"]);
  });

  it("steps from hit to hit and round the end", () => {
    const view = viewOf(filled(rows).items, { query: "one|three" });
    expect([view.find(-1, 1), view.find(0, 1), view.find(2, 1), view.find(0, -1)]).toEqual([0, 2, 0, 2]);
  });

  it("counts lines by time and level", () => {
    const { items } = filled(rows);
    viewOf(items, {});
    const histogram = countByTime(items, 10);
    expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(bucketWidth(3_600_000, 90)).toBe(60_000);
  });
});

describe("a scrollbar for millions", () => {
  const scale = { total: 2_000_000, rowHeight: 20, viewHeight: 600 };

  it("stays below what browsers can hold and reaches both ends", () => {
    expect(isScaled(scale)).toBe(true);
    const end = spacerHeight(scale) - scale.viewHeight;
    expect(end).toBeLessThan(8_000_000);
    expect(placeAt(0, scale).index).toBe(0);
    expect(placeAt(end, scale).index).toBe(scale.total - 30);
  });

  it("comes back to the same place", () => {
    const place = placeAt(1_234_567, scale);
    expect(Math.round(scrollTopOf(place, scale))).toBe(1_234_567);
  });

  it("moves by pixels through rows of any height", () => {
    const heightOf = (index: number) => (index === 5 ? 100 : 20);
    expect(movePlace({ index: 4, offset: 0 }, 50, 100, heightOf)).toEqual({ index: 5, offset: -30 });
    expect(movePlace({ index: 6, offset: 0 }, -50, 100, heightOf)).toEqual({ index: 5, offset: -50 });
    expect(movePlace({ index: 1, offset: 0 }, -500, 100, heightOf)).toEqual({ index: 0, offset: 0 });
  });
});

describe("a line", () => {
  it("has its colours as tokens and its other codes dropped", () => {
    expect(parseAnsi("\x1b[31mred\x1b[0m \x1b[2Kplain")).toEqual([{ text: "red", look: "text-destructive" }, { text: " ", look: "" }, { text: "plain", look: "" }]);
    expect(stripAnsi("\x1b]8;;http://x\x07link\x1b[0m")).toBe("link");
  });

  it("has fields when it is JSON or logfmt", () => {
    expect(flattenFields(parseFields('{"a":{"b":1},"c":[1]}') ?? {})).toEqual([["a.b", 1], ["c", [1]]]);
    expect(parseFields('level=info msg="order \\"x\\" done" id=7')).toEqual({ level: "info", msg: 'order "x" done', id: "7" });
    expect(parseFields("GET /a?b=1")).toBeNull();
    expect(summarise('{"level":"info","msg":"hi","n":2}')).toEqual({ message: "hi", rest: [["n", "2"]] });
  });

  it("is split at hits, and a bad expression says why", () => {
    expect(splitHits("abcabc", /b/g)).toEqual(["a", "b", "ca", "b", "c"]);
    expect(splitHits("abc", /x*/g)).toEqual(["abc"]);
    expect(patternFault({ query: "a(", isRegex: true, isCaseSensitive: false })).not.toBe("");
    expect(patternSource({ query: "a.b", isRegex: false })).toBe("a\\.b");
    expect(compileSearch({ query: "A", isRegex: true, isCaseSensitive: false })?.test("a")).toBe(true);
  });

  it("does not say its time twice", () => {
    const at = "2026-01-02T10:00:00.250000000Z";
    expect(withoutStamp("2026-01-02 10:00:00.25Z INFO up", at)).toBe("INFO up");
    expect(withoutStamp("[2026/01/02 12:00:00,250 +0200] up", at)).toBe("up");
    expect(withoutStamp("2026-01-02T15:30:00.250 - up", at)).toBe("up"); // of a machine half a continent away
    for (const other of ["2026-01-02T10:00:00Z up", "2026-01-02T10:01:00.25 up", "2026-01-04T10:00:00.25Z up", "up 2026-01-02T10:00:00.25Z", "2026-01-02T10:00:00.25Z"]) {
      expect(withoutStamp(other, at)).toBe(other);
    }
    expect(withoutStamp("2026-01-02T10:00:00.25Z up", "")).toBe("2026-01-02T10:00:00.25Z up");
  });

  it("has its time in every style", () => {
    const at = "2026-01-02T10:00:00.123456789Z";
    const now = stampMs(at) + 65_000;
    expect(stampMs(at)).toBe(Date.UTC(2026, 0, 2, 10, 0, 0, 123));
    expect(renderStamp(at, "utc", now)).toBe("10:00:00.123");
    expect(renderStamp(at, "utc", now, true)).toBe("10:00:00");
    expect(renderStamp(at, "relative", now)).toBe("-1m05s");
    expect(renderStamp("", "local", now)).toBe("");
  });
});

describe("the address", () => {
  it("holds the view", () => {
    const view = parseViewState(new URLSearchParams({ q: "x", mode: "server", hide: "debug,nonsense", field: "a=b=c\n!d=e", range: "1h" }));
    expect(view.filter.hiddenLevels).toEqual([1]);
    expect(view.filter.terms).toEqual([{ name: "a", value: "b=c", isNot: false }, { name: "d", value: "e", isNot: true }]);
    expect(streamParams(view)).toMatchObject({ grep: "x", ignoreCase: true, since: "1h", backlog: -1, follow: true });
  });

  it("leaves names short and different", () => {
    const source = (pod: string) => ({ pod, container: "main" }) as never;
    expect(shortNames([source("cart-7d9f-a"), source("cart-7d9f-b")])).toEqual(["a", "b"]);
    expect(shortNames([source("cart-7d9f-a")])).toEqual(["cart-7d9f-a"]);
  });
});
