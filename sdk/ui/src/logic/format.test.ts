import { describe, expect, test } from "vitest";
import { formatAge, formatBytes, formatDuration, formatPlural, formatTimer, oneLine, parseTime } from "./format.ts";

describe("formatBytes", () => {
  test.each([
    [0, "0 B"], [1023, "1023 B"], [1024, "1.0 KB"], [1536, "1.5 KB"], [1024 * 1024 - 1, "1.0 MB"],
    [1.2 * 1024 ** 3, "1.2 GB"], [150 * 1024 ** 2, "150 MB"], [-2048, "-2.0 KB"],
  ])("%d is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  test("unknown is a dash", () => expect(formatBytes(null)).toBe("–"));
});

describe("formatDuration", () => {
  test.each([
    [0, "0 ms"], [8.4, "8 ms"], [999.6, "1.0 s"], [3400, "3.4 s"], [42_000, "42 s"], [59_960, "1 m 00 s"],
    [125_000, "2 m 05 s"], [7_500_000, "2 h 05 m"], [273_600_000, "3 d 04 h"], [-5, "0 ms"],
  ])("%d ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});

test("formatTimer ticks in tenths, then in minutes", () => {
  expect([formatTimer(0), formatTimer(12_340), formatTimer(65_000)]).toEqual(["0.0 s", "12.3 s", "1:05"]);
});

test("formatAge names the largest unit", () => {
  expect([200, 3000, 130_000, 7_300_000, 200_000_000].map(formatAge)).toEqual(["now", "3 s ago", "2 m ago", "2 h ago", "2 d ago"]);
});

test("parseTime takes Go's zero time as unknown", () => {
  expect(parseTime("0001-01-01T00:00:00Z")).toBeNull();
  expect(parseTime("nonsense")).toBeNull();
  expect(parseTime("2026-01-02T03:04:05.123456789Z")?.toISOString()).toBe("2026-01-02T03:04:05.123Z");
});

test("oneLine flattens and cuts", () => {
  expect(oneLine("  select\n\t1 ")).toBe("select 1");
  expect(oneLine("abcdef", 3)).toBe("abc…");
});

test("formatPlural picks the form", () => {
  expect([formatPlural(1, "row"), formatPlural(0, "row"), formatPlural(2, "entry", "entries")]).toEqual(["1 row", "0 rows", "2 entries"]);
});
