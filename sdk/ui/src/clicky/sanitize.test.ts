import { expect, test } from "vitest";
import { cleanNodes, safeHref, type SourceNode } from "./sanitize.ts";

function text(value: string): SourceNode {
  return { nodeType: 3, nodeName: "#text", textContent: value, childNodes: [] };
}

function element(name: string, attributes: Record<string, string>, ...childNodes: SourceNode[]): SourceNode {
  return { nodeType: 1, nodeName: name.toUpperCase(), textContent: null, childNodes, getAttribute: (key) => attributes[key] ?? null };
}

test("allowed elements stay with allowed attributes", () => {
  const nodes = [element("p", { onclick: "x()", style: "color:red", class: "fixed", title: "t" }, text("a"), element("a", { href: "https://x.test/", target: "_top" }, text("b")))];
  expect(cleanNodes(nodes)).toEqual([{ tag: "p", attributes: { title: "t" }, children: ["a", { tag: "a", attributes: { href: "https://x.test/" }, children: ["b"] }] }]);
});

test("scripts, styles, frames and drawings go with what they hold; unknown elements leave their words", () => {
  const nodes = ["script", "style", "iframe", "svg", "object", "template", "form"].map((name) => element(name, {}, text("evil")));
  expect(cleanNodes([...nodes, element("font", {}, text("kept"))])).toEqual(["kept"]);
});

test("an image is its words, since nothing may be fetched", () => {
  expect(cleanNodes([element("img", { src: "https://x.test/a.png", onerror: "x()", alt: "a graph" })])).toEqual(["a graph"]);
});

test.each(["javascript:alert(1)", "JaVa\tScript:alert(1)", " \u0001javascript:x", "data:text/html,x", "vbscript:x", "//evil.test/", "/\\evil.test", "", 1])("%j is no address", (href) => {
  expect(safeHref(href)).toBeNull();
});

test.each(["https://x.test/a:b", "mailto:a@x.test", "/items/1", "?a=b:c", "#here", "docs/a"])("%s is followed", (href) => expect(safeHref(href)).toBe(href));
