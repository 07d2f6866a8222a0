import { describe, expect, it } from "vitest";
import { msStamp } from "../logic/stamps.ts";
import { EVERYTHING, type FromWorker, type WireRow } from "../protocol.ts";
import { LogEngine } from "./engine.ts";

type Message<Type extends FromWorker["type"]> = Extract<FromWorker, { type: Type }>;

const stamp = (at: number) => msStamp(Date.UTC(2026, 0, 2, 10) + at);

/** An engine with a page that remembers what it was told. */
function opened(mostItems?: number) {
  const told: FromWorker[] = [];
  const engine = new LogEngine((message) => told.push(message), mostItems);
  engine.connecting([]);
  engine.take(["a", "b"].map((pod, source) => ({ type: "source", change: "added", source, key: `${pod}/main`, pod, container: "main" })));
  const last = <Type extends FromWorker["type"]>(type: Type) => told.findLast((one) => one.type === type) as Message<Type>;
  const say = (...rows: WireRow[]) => {
    engine.take(rows);
    engine.flush();
  };
  return { engine, last, say };
}

function rows(from: number, until: number, level = "i", text = "line"): WireRow[] {
  return Array.from({ length: until - from }, (_, at): WireRow => [(from + at) % 2, stamp(from + at), level, `${text} ${from + at}`]);
}

describe("a full store", () => {
  it("lets the oldest tenth go and says how many and since when", () => {
    const { engine, last, say } = opened(100);
    say(...rows(0, 100));
    expect(last("summary")).toMatchObject({ forgotten: 0, since: "" });
    say([0, stamp(100), "e", "one more"], [0, stamp(100), "+", "its trace"]);
    expect(engine.items).toHaveLength(90);
    expect(last("summary")).toMatchObject({ rows: 102, forgotten: 11, since: stamp(11), levels: [0, 0, 89, 0, 1, 0, 0] });
    expect(last("window").total).toBe(90);
  });

  it("holds one burst that is larger than itself to its bound", () => {
    const { engine, last, say } = opened(100);
    say(...rows(0, 1000));
    expect(engine.items).toHaveLength(90);
    expect(last("summary")).toMatchObject({ forgotten: 910, since: stamp(910) });
  });

  it("keeps a reader's row where it is while older ones go, and counts hits that went", () => {
    const { engine, last, say } = opened(100);
    say(...rows(0, 100));
    engine.handle({ type: "filter", view: "main", filter: { ...EVERYTHING, query: "line [0-9]$" } });
    expect(last("summary").hits).toBe(10);
    engine.handle({ type: "window", view: "main", first: 40, count: 20, anchor: 50, isTail: false, shift: 0 });
    say(...rows(100, 101));
    const { first, items, shift } = last("window");
    expect(last("summary").hits).toBe(0);
    expect(shift).toBe(-11);
    expect(items[50 + shift - first]?.text).toBe("line 50");
  });

  it("bounds what a pause holds back", () => {
    const { engine, last, say } = opened(100);
    engine.handle({ type: "pause", isPaused: true });
    say(...rows(0, 500));
    expect(last("summary").held).toBe(90);
    engine.handle({ type: "pause", isPaused: false });
    expect(engine.items.at(-1)?.text).toBe("line 499");
    expect(engine.items).toHaveLength(90);
  });

  it("forgets for good: a filter finds nothing of what went", () => {
    const { engine, last, say } = opened(100);
    say(...rows(0, 101));
    engine.handle({ type: "filter", view: "main", filter: { ...EVERYTHING, query: "line 5$", mode: "filter" } });
    expect(last("window").total).toBe(0);
  });
});
