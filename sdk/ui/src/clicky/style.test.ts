/* eslint-disable no-restricted-syntax -- colours as documents bring them */
import { expect, test } from "vitest";
import { statusTone, styleLook, toneOf, truncateText } from "./style.ts";

test.each([
  ["red", "destructive"], ["text-amber-500", "warning"], ["#16a34a", "success"], ["#00f", "primary"], ["#888888", "neutral"], ["salmonish", "neutral"], ["", null],
])("%s means %s", (colour, tone) => expect(toneOf(colour)).toBe(tone));

test("a style becomes classes of tokens; unknown classes are dropped", () => {
  const look = styleLook({ kind: "text", style: { className: "font-bold text-red-600 bg-green-100 fixed inset-0 hover:bg-black", faint: true, monospace: true, maxWidth: 20, maxLines: 2 } });
  expect(look).toEqual({ class: "font-bold text-destructive bg-success/12 rounded px-1 text-muted-foreground font-mono text-xs", maxWidthCh: 20, maxLines: 2 });
});

test("text is cut where the style says", () => {
  const cut = (truncateMode: string) => truncateText("abcdefghij", { kind: "text", style: { maxWidth: 5, truncateMode } });
  expect([cut("suffix"), cut("prefix"), cut("headtail")]).toEqual(["abcd…", "…ghij", "ab…ij"]);
  expect(truncateText("abc", { kind: "text", style: { maxWidth: 5, truncateMode: "suffix" } })).toBe("abc");
});

test("words of status have a colour", () => expect(["Running", "CrashLoopBackOff", "pending", "purple"].map(statusTone)).toEqual(["success", "destructive", "warning", "neutral"]));
