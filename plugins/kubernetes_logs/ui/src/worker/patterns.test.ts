import { describe, expect, it } from "vitest";
import { msStamp } from "../logic/stamps.ts";
import { EVERYTHING, type FromWorker, type Patterns, type WireRow } from "../protocol.ts";
import { LogEngine } from "./engine.ts";
import { Ingest } from "./ingest.ts";
import { PatternCount, PatternTable } from "./patterns.ts";

const stamp = (at: number) => msStamp(Date.UTC(2026, 0, 2, 10) + at);

function itemsOf(rows: WireRow[]) {
  const ingest = new Ingest();
  for (const row of rows) ingest.row(row[0], row);
  return ingest.take().fresh;
}

async function counted(rows: WireRow[], table = new PatternTable()): Promise<Patterns[]> {
  const told: Patterns[] = [];
  await new PatternCount(itemsOf(rows), () => true, table).run((patterns) => told.push(patterns));
  return told;
}

describe("patterns", () => {
  it("are counted with their levels, times and activity, the most frequent first", async () => {
    const rows = Array.from({ length: 240 }, (_, at): WireRow => [0, stamp(at * 1000), at % 4 ? "i" : "e", at % 4 ? `order ${at} accepted` : `payment ${at} failed`]);
    const last = (await counted(rows)).at(-1);
    expect(last).toMatchObject({ done: 240, total: 240, lines: 240, found: 2 });
    expect(last?.groups[0]).toMatchObject({ pattern: "order <n> accepted", count: 180, first: stamp(1000), last: stamp(239_000) });
    expect(last?.groups[1]).toMatchObject({ pattern: "payment <n> failed", count: 60, levels: [0, 0, 0, 0, 60, 0, 0] });
    expect(last?.groups[0]?.buckets.reduce((sum, count) => sum + count, 0)).toBe(180);
    expect(last?.groups[1]?.buckets).toEqual(new Array(24).fill(2).map((_, at) => last?.groups[1]?.buckets[at]));
    expect(Math.max(...(last?.groups[1]?.buckets ?? []))).toBeLessThanOrEqual(3);
  });

  it("are bounded, and what is beyond the bound is still counted", async () => {
    const rows = Array.from({ length: 60_000 }, (_, at): WireRow => [0, stamp(at), "i", `word${"abcdefghij"[at % 10]} ${at.toString(36).replaceAll(/\d/g, "x")} ${String.fromCodePoint(0x4e00 + (at % 20_000))}`]);
    const last = (await counted(rows)).at(-1) as Patterns;
    expect(last.found).toBeLessThanOrEqual(50_002);
    expect(last.groups.length).toBe(1000);
    expect(last.lines).toBe(60_000);
  });

  it("of a million lines take seconds, with news on the way, and let others in between", async () => {
    const rows = Array.from({ length: 1_000_000 }, (_, at): WireRow => [0, stamp(at), "i", `request ${at} GET /api/orders/${at % 9973} status=200 took=${at % 371}ms trace=${at.toString(16).padStart(32, "0")}`]);
    const items = itemsOf(rows);
    const table = new PatternTable();
    const told: Patterns[] = [];
    let longestMs = 0;
    let last = performance.now();
    const ticks = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, 1);
    const begun = performance.now();
    await new PatternCount(items, () => true, table).run((patterns) => told.push(patterns));
    const tookMs = performance.now() - begun;
    clearInterval(ticks);
    expect(told.length).toBeGreaterThan(2);
    expect(told.at(-1)?.groups[0]).toMatchObject({ pattern: "request <n> GET /api/orders/<n> status=<n> took=<n>ms trace=<hex>", count: 1_000_000 });
    expect(tookMs).toBeLessThan(15_000);
    expect(longestMs).toBeLessThan(500); // most of it is the machine: a slice is 20 ms
    const again = performance.now();
    await new PatternCount(items, () => true, table).run((patterns) => told.push(patterns));
    expect(performance.now() - again).toBeLessThan(tookMs);
  }, 30_000);

  it("follow the filter and what comes, and one of them filters the list", async () => {
    const told: FromWorker[] = [];
    const engine = new LogEngine((message) => told.push(message));
    const last = () => (told.findLast((one) => one.type === "patterns") as { patterns: Patterns } | undefined)?.patterns;
    const say = (from: number, level: string) => {
      engine.take(Array.from({ length: 5 }, (_, at): WireRow => [0, stamp(from + at), level, `order ${from + at}`]));
      engine.take([[0, stamp(from + 6), level, "other"]]);
      engine.flush();
    };
    say(0, "i");
    engine.handle({ type: "patterns", isOn: true });
    await expect.poll(last).toMatchObject({ lines: 6, found: 2 });
    engine.handle({ type: "filter", view: "main", filter: { ...EVERYTHING, pattern: "order <n>" } });
    await expect.poll(() => told.findLast((one) => one.type === "window")).toMatchObject({ total: 5 });
    await expect.poll(last).toMatchObject({ lines: 6, found: 2 });
    say(10, "e");
    expect(told.findLast((one) => one.type === "window")).toMatchObject({ total: 10 });
    await expect.poll(last, { timeout: 5000 }).toMatchObject({ lines: 12 });
    engine.handle({ type: "filter", view: "main", filter: { ...EVERYTHING, hiddenLevels: [2] } });
    await expect.poll(last).toMatchObject({ lines: 6, found: 2 });
    engine.handle({ type: "patterns", isOn: false });
    const count = told.filter((one) => one.type === "patterns").length;
    say(20, "e");
    expect(told.filter((one) => one.type === "patterns")).toHaveLength(count);
  });
});
