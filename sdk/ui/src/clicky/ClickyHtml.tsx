import { h, type ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import type { PartProps } from "./ClickyPart.tsx";
import { isBlock, textOf } from "./node.ts";
import { cleanNodes, type CleanNode } from "./sanitize.ts";

const LOOKS: Record<string, string> = {
  a: "text-primary underline underline-offset-2", ul: "list-disc pl-5", ol: "list-decimal pl-5", code: "font-mono text-xs", kbd: "font-mono text-xs",
  pre: "overflow-x-auto rounded-control bg-muted p-2.5 font-mono text-xs", blockquote: "border-l-2 border-input pl-3 text-muted-foreground",
  h1: "text-base font-semibold", h2: "text-base font-semibold", h3: "font-semibold", h4: "font-semibold", h5: "font-semibold", h6: "font-semibold",
  table: "border-collapse", th: "border px-2 py-0.5 text-left font-medium", td: "border px-2 py-0.5", mark: "bg-warning/25 text-foreground",
};

/** They never run and are dropped anyway; renamed first, since parsing them alone makes the browser report a violation. */
const HANDLERS = /[\s/"']on[a-z]+\s*=/gi;

function draw(node: CleanNode, key: number): ComponentChild {
  if (typeof node === "string") return node;
  const link = node.tag === "a" ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return h(node.tag, { ...node.attributes, ...link, key, class: LOOKS[node.tag] }, ...node.children.map(draw));
}

/** Markup of a document, rebuilt from the elements that are allowed: nothing of it is ever parsed into this page. */
export function ClickyHtml({ node }: PartProps) {
  const html = textOf(node.html);
  const parts = useMemo(() => cleanNodes(new DOMParser().parseFromString(html.replace(HANDLERS, " data-handler="), "text/html").body.childNodes), [html]);
  const Tag = isBlock(node) ? "div" : "span";
  return <Tag class={isBlock(node) ? "flex min-w-0 flex-col gap-1.5" : undefined}>{parts.map(draw)}</Tag>;
}
