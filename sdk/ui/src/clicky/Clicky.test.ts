/* eslint-disable no-restricted-syntax -- colours as documents bring them */
import { h } from "preact";
import { render } from "preact-render-to-string";
import { expect, test } from "vitest";
import { Clicky } from "./Clicky.tsx";

const drawn = (value: unknown) => render(h(Clicky, { value }));
const words = (value: unknown) => drawn(value).replace(/<[^>]*>/g, "|").replace(/\|+/g, "|").replace(/&quot;/g, '"');

test("each kind of the document model is drawn", () => {
  const kinds: [Record<string, unknown>, string | RegExp][] = [
    [{ kind: "text", text: "a\nb", style: { bold: true } }, /whitespace-pre-wrap[^>]*>a\nb/],
    [{ kind: "link", text: "x", href: "https://x.test" }, /<a href="https:\/\/x.test" target="_blank" rel="noopener noreferrer"/],
    [{ kind: "link", text: "x", href: "javascript:1" }, /<span[^>]*>x<\/span>/],
    [{ kind: "link-command", command: "get", args: ["pods"], flags: { n: "a" } }, /title="get pods --n=a"/],
    [{ kind: "icon", unicode: "★" }, "★"],
    [{ kind: "icon", iconify: "mdi:check" }, /<svg/],
    [{ kind: "list", ordered: true, items: ["a"] }, /<ol[^>]*><li/],
    [{ kind: "list", inline: true, items: ["a", "b"] }, /a<\/span>, <span>b/],
    [{ kind: "map", fields: [{ name: "startTime", value: "x" }] }, /<dt[^>]*>Start Time/],
    [{ kind: "tree", roots: [{ id: "r", label: "top", children: [{ id: "c", label: "leaf" }] }] }, /<details open[^>]*>[\s\S]*top[\s\S]*leaf/],
    [{ kind: "code", language: "sql", source: "select 1" }, /<code data-language="sql">select 1/],
    [{ kind: "heading", level: 9, content: "T" }, /<h6[^>]*>/],
    [{ kind: "blockquote", content: { kind: "text", text: "q" } }, /<blockquote/],
    [{ kind: "admonition", severity: "danger", content: "hot" }, /role="alert"[\s\S]*Danger[\s\S]*hot/],
    [{ kind: "admonition", severity: "odd", content: "x" }, /role="note"[\s\S]*Note/],
    [{ kind: "footnotes", items: [{ kind: "footnote", id: "1", content: "n" }, { kind: "footnote", id: " " }] }, /data-footnote="1"/],
    [{ kind: "footnote-ref", id: "1" }, /<sup><button[^>]*data-footnote-ref="1"/],
    [{ kind: "collapsed", label: "More", content: "inside" }, /<details[^>]*><summary[\s\S]*More[\s\S]*inside/],
    [{ kind: "stacktrace", exceptionClass: "E", message: "m", frames: [{ functionName: "f", file: "a.py", line: 3, kind: "user" }], causedBy: [{ exceptionClass: "C", message: "c" }] }, /E<\/span>: m[\s\S]*f \(a.py:3\)[\s\S]*caused by[\s\S]*C/],
    [{ kind: "button", label: "Go", href: "/x" }, /<a href="\/x" target="_blank"/],
    [{ kind: "button-group", items: [{ kind: "button", text: "b", id: "i", payload: { a: 1 } }] }, /<button[^>]*disabled[^>]*title="i \{&quot;a&quot;:1\}"/],
    [{ kind: "comment", text: "aside" }, /line-clamp-3[^>]*>aside/],
    [{ kind: "badge", badgeLabel: "build", badgeValue: "ok", badgeColor: "#16a34a", badgeShape: "pill" }, /rounded-full bg-success\/12[\s\S]*build[\s\S]*ok/],
    [{ kind: "object-graph", objects: [{ type: "Pod", name: "a", phase: "Running" }] }, /a<\/span>[\s\S]*Phase[\s\S]*Running/],
    [{ kind: "execution-tree", executionRoots: [{ name: "build", children: [{ name: "test" }] }] }, /build[\s\S]*test/],
  ];
  for (const [node, pattern] of kinds) expect(drawn({ version: 1, node }), String(node.kind)).toMatch(pattern);
});

test("an unknown kind of a document is JSON", () => {
  expect(words({ version: 1, node: { kind: "hologram", depth: 3 } })).toContain('"hologram"');
});

test("a map that holds one table is the table", () => {
  const table = { kind: "table", columns: [{ name: "a" }], rows: [{ cells: { a: "1" } }] };
  expect(drawn({ kind: "map", fields: [{ name: "rows", value: table }] })).not.toContain("<section");
  expect(drawn({ kind: "table", columns: [], rows: [] })).toContain("No data");
});

test("no document brings a style or a colour of its own", () => {
  const html = drawn({ kind: "text", text: "x", style: { color: "#ff0000", className: "absolute bg-[url(//x)]", backgroundColor: "rgb(1,2,3)" } });
  expect(html).not.toMatch(/style=|ff0000|absolute|url\(|rgb/);
});

test("a document without end is cut, not followed", () => {
  let node: Record<string, unknown> = { kind: "text", text: "end" };
  for (let level = 0; level < 500; level += 1) node = { kind: "blockquote", content: node };
  expect(drawn(node).match(/<blockquote/g)?.length).toBeLessThan(60);
});

test("an answer that is no document is a table, a map or a list", () => {
  expect(drawn([{ pid: 1, state: "idle" }])).toMatch(/<table[\s\S]*PID[\s\S]*State/);
  expect(drawn({ a: 1, b: [{ c: 2 }] })).toMatch(/<dt[^>]*>A[\s\S]*<section[\s\S]*<table/);
  expect(drawn(["x", "y"])).toMatch(/<ul[\s\S]*<li[\s\S]*x/);
  expect(words("plain")).toContain("plain");
  expect(words(null)).toBe("|");
});
