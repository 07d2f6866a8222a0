import { ChevronRight, CircleAlert, Info, Lightbulb, TriangleAlert, type LucideIcon } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { classes } from "../classes.ts";
import { ClickyParts, type PartProps } from "./ClickyPart.tsx";
import { nodesOf, plainText, textOf } from "./node.ts";
import { styleLook } from "./style.ts";

function Content({ of, depth }: { of: unknown; depth: number }) {
  return <ClickyParts nodes={of === undefined || of === null ? [] : nodesOf([of])} depth={depth} />;
}

export function Heading({ node, depth }: PartProps) {
  const level = Math.min(6, Math.max(1, Math.round(Number(node.level)) || 1));
  const Tag = `h${level}` as "h1";
  return (
    <Tag class={classes("font-semibold", level <= 2 ? "text-base" : "text-sm", level > 4 && "text-muted-foreground")}>
      <Content of={node.content ?? node.text} depth={depth} />
    </Tag>
  );
}

export function Blockquote({ node, depth }: PartProps) {
  return (
    <blockquote class="border-l-2 border-input pl-3 text-muted-foreground">
      <Content of={node.content ?? node.text} depth={depth} />
    </blockquote>
  );
}

interface Severity {
  icon: LucideIcon;
  word: string;
  class: string;
  isAlert?: boolean;
}

const NOTE: Severity = { icon: Info, word: "Note", class: "border-input bg-muted/60 text-muted-foreground" };
const SEVERITIES: Record<string, Severity> = {
  note: NOTE,
  info: { icon: Info, word: "Info", class: "border-info/40 bg-info/8 text-info-text" },
  tip: { icon: Lightbulb, word: "Tip", class: "border-success/40 bg-success/8 text-success-text" },
  warning: { icon: TriangleAlert, word: "Warning", class: "border-warning/50 bg-warning/10 text-warning-text", isAlert: true },
  danger: { icon: CircleAlert, word: "Danger", class: "border-destructive/40 bg-destructive/8 text-destructive", isAlert: true },
};

/** Something to notice, with the word for its weight. */
export function Admonition({ node, depth }: PartProps) {
  const severity = SEVERITIES[textOf(node.severity).toLowerCase()] ?? NOTE;
  const Icon = severity.icon;
  return (
    <div role={severity.isAlert ? "alert" : "note"} class={classes("rounded-control border px-3 py-2", severity.class)}>
      <div class="flex items-center gap-1.5 font-medium">
        <Icon aria-hidden class="size-4 shrink-0" />
        {plainText(node.label) || severity.word}
      </div>
      <div class="mt-1 flex flex-col gap-2 text-foreground">
        <Content of={node.content ?? node.text} depth={depth} />
      </div>
    </div>
  );
}

/** A part that opens. */
export function Foldable({ label, isOpen = false, children }: { label: ComponentChildren; isOpen?: boolean; children: ComponentChildren }) {
  return (
    <details open={isOpen} class="min-w-0">
      <summary class="flex w-fit max-w-full list-none items-center gap-1 font-medium hover:text-primary">
        <ChevronRight aria-hidden class="size-3.5 shrink-0 text-muted-foreground transition-transform [details[open]>summary>&]:rotate-90" />
        <span class="min-w-0">{label}</span>
      </summary>
      <div class="mt-1 ml-1.5 flex flex-col gap-2 border-l pl-3">{children}</div>
    </details>
  );
}

export function Collapsed({ node, depth }: PartProps) {
  return (
    <Foldable label={node.label === undefined ? "Details" : <Content of={node.label} depth={depth} />}>
      <Content of={node.content} depth={depth} />
    </Foldable>
  );
}

/** A remark beside the data: short, muted. */
export function Comment({ node }: PartProps) {
  const text = textOf(node.text) || plainText(node);
  return (
    <span title={text} class={classes("line-clamp-3 max-w-[50ch] whitespace-pre-wrap text-muted-foreground", styleLook(node).class)}>
      {text}
    </span>
  );
}

/** Bring the counterpart of a footnote into view; the page's address stays as it is. */
function jump(event: MouseEvent, attribute: string, id: string): void {
  const root = (event.currentTarget as Element).closest("[data-clicky]");
  const found = [...(root?.querySelectorAll<HTMLElement>(`[${attribute}]`) ?? [])].find((one) => one.getAttribute(attribute) === id);
  found?.scrollIntoView({ block: "center" });
  found?.focus();
}

export function FootnoteRef({ node }: PartProps) {
  const id = textOf(node.id);
  if (!id.trim()) return null;
  return (
    <sup>
      <button type="button" data-footnote-ref={id} aria-label={`Footnote ${id}`} class="px-0.5 text-primary" onClick={(event) => jump(event, "data-footnote", id)}>
        {id}
      </button>
    </sup>
  );
}

export function Footnote({ node, depth }: PartProps) {
  const id = textOf(node.id);
  if (!id.trim()) return null;
  return (
    <div data-footnote={id} tabIndex={-1} class="flex items-baseline gap-1.5 text-xs text-muted-foreground">
      <span class="tabular-nums">{id}</span>
      <div class="min-w-0">
        <Content of={node.content} depth={depth} />
        <button type="button" aria-label={`Back to reference ${id}`} class="px-1 text-primary" onClick={(event) => jump(event, "data-footnote-ref", id)}>
          ↩
        </button>
      </div>
    </div>
  );
}

export function Footnotes({ node, depth }: PartProps) {
  const items = nodesOf(node.items).filter((item) => textOf(item.id).trim());
  if (items.length === 0) return null;
  return (
    <section aria-label="Footnotes" class="flex flex-col gap-1 border-t pt-2">
      {items.map((item) => (
        <Footnote key={textOf(item.id)} node={item} depth={depth} />
      ))}
    </section>
  );
}
