import { expect, test } from "vitest";
import { LineTail, lineText } from "./streamLine.ts";

test("a line is one line", () => {
  expect([lineText("x"), lineText([1, "a", null]), lineText({ type: "end", rowCount: 2, notices: [], none: null }), lineText(3)]).toEqual(["x", "1  a  null", "type=end  rowCount=2  notices=[]", "3"]);
});

test("a long stream keeps its newest lines and counts the rest", () => {
  const tail = new LineTail(10);
  for (let at = 0; at < 25; at += 1) tail.push([at]);
  expect([tail.total, tail.lines.at(-1), tail.lines.length <= 11, tail.dropped + tail.lines.length]).toEqual([25, 24, true, 25]);
  expect(tail.text().endsWith("23\n24\n")).toBe(true);
});
