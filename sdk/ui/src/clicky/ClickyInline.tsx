import { Check, CircleAlert, Info, TriangleAlert, X, type LucideIcon } from "lucide-preact";
import { Badge } from "../components/Badge.tsx";
import { classes } from "../classes.ts";
import { placed } from "../geometry.ts";
import { ClickyParts, type PartProps } from "./ClickyPart.tsx";
import { isBlock, listOf, nodesOf, plainText, textOf } from "./node.ts";
import { safeHref } from "./sanitize.ts";
import { styleLook, toneOf, truncateText } from "./style.ts";

function tooltipOf(value: unknown): string | undefined {
  return plainText(value) || undefined;
}

/** Words with their style; parts that take lines of their own make it a block. */
export function ClickyText({ node, depth }: PartProps) {
  const look = styleLook(node);
  const text = textOf(node.text);
  const children = nodesOf(node.children);
  const shown = truncateText(text, node);
  const hasBlocks = children.some(isBlock);
  const Tag = hasBlocks ? "div" : "span";
  return (
    <Tag
      title={tooltipOf(node.tooltip) ?? (shown === text ? undefined : text)}
      ref={placed({ "--w": look.maxWidthCh && `${look.maxWidthCh}ch`, "--lines": look.maxLines })}
      class={classes(
        look.class,
        /\S\n\s*\S/.test(text) && "whitespace-pre-wrap",
        look.maxWidthCh !== null && "inline-block max-w-(--w)",
        look.maxLines !== null && "line-clamp-(--lines)",
        hasBlocks && "flex flex-col gap-2",
      )}
    >
      {shown}
      <ClickyParts nodes={children} depth={depth} />
    </Tag>
  );
}

/** A link that may be followed; without a safe address it is text. */
export function ClickyLink({ node, depth }: PartProps) {
  const href = safeHref(node.href);
  const look = styleLook(node);
  const content = (
    <>
      {textOf(node.text)}
      <ClickyParts nodes={nodesOf(node.children)} depth={depth} />
    </>
  );
  if (href === null) return <span class={look.class}>{content}</span>;
  const isHere = node.target === "_self";
  return (
    <a href={href} target={isHere ? "_self" : "_blank"} rel={isHere ? undefined : "noopener noreferrer"} title={tooltipOf(node.tooltip)} class={classes("text-primary underline underline-offset-2", look.class)}>
      {content}
    </a>
  );
}

function commandLine(node: PartProps["node"]): string {
  const flags = Object.entries((node.flags as Record<string, unknown> | undefined) ?? {}).map(([name, value]) => `--${name}=${textOf(value)}`);
  return [textOf(node.command), ...listOf(node.args).map(textOf), ...flags].filter(Boolean).join(" ");
}

/** A command that another program would run; here it is text that says which. */
export function ClickyCommand({ node, depth }: PartProps) {
  const line = commandLine(node);
  return (
    <span title={line} class="font-medium">
      {textOf(node.text) || (listOf(node.children).length === 0 && line)}
      <ClickyParts nodes={nodesOf(node.children)} depth={depth} />
    </span>
  );
}

const ICONS: readonly (readonly [RegExp, LucideIcon])[] = [
  [/check|success|ok\b|pass/i, Check],
  [/warn|caution/i, TriangleAlert],
  [/error|alert|danger/i, CircleAlert],
  [/close|cross|fail|times/i, X],
  [/info|help/i, Info],
];

/** An icon: the document's own character, else one of ours that means the same. */
export function ClickyIcon({ node }: PartProps) {
  const name = textOf(node.iconify);
  const look = styleLook(node);
  const character = textOf(node.unicode) || textOf(node.plain);
  const Icon = ICONS.find(([pattern]) => pattern.test(name))?.[1];
  if (Icon && !character) return <Icon aria-label={name} class={classes("inline size-3.5 align-text-bottom", look.class)} />;
  return <span title={name || undefined} class={look.class}>{character}</span>;
}

const SHAPES: Record<string, string> = { pill: "rounded-full", rounded: "rounded", square: "rounded-none" };

/** A label and its value in one mark. */
export function ClickyBadge({ node }: PartProps) {
  const label = plainText(node.badgeLabel);
  const value = plainText(node.badgeValue) || textOf(node.text) || (label ? "" : plainText(node));
  const tone = toneOf(node.badgeColor) ?? toneOf(node.badgeText) ?? "neutral";
  return (
    <Badge tone={tone} shape={SHAPES[textOf(node.badgeShape)]}>
      {typeof node.badgeIcon === "object" && node.badgeIcon !== null ? <ClickyIcon node={node.badgeIcon as PartProps["node"]} depth={0} /> : null}
      {label && <span class={value ? "opacity-75" : undefined}>{label}</span>}
      {value && <span>{value}</span>}
    </Badge>
  );
}

/** A button of a document: a link when it has an address, otherwise shown without a deed. */
export function ClickyButton({ node, depth }: PartProps) {
  const href = safeHref(node.href);
  const look = "inline-flex h-control-h items-center gap-1.5 rounded-control border border-input bg-card px-2.5 text-sm font-medium";
  const content = node.label === undefined ? textOf(node.text) || textOf(node.id) : <ClickyParts nodes={nodesOf([node.label])} depth={depth} />;
  if (href !== null) {
    return (
      <a href={href} target="_blank" rel="noopener noreferrer" class={classes(look, "hover:bg-accent")}>
        {content}
      </a>
    );
  }
  const payload = node.payload === undefined ? "" : JSON.stringify(node.payload);
  return (
    <button type="button" disabled title={[textOf(node.id), payload].filter(Boolean).join(" ")} class={classes(look, "opacity-60")}>
      {content}
    </button>
  );
}

/** Buttons that belong together. */
export function ClickyButtons({ node, depth }: PartProps) {
  return (
    <div class="flex flex-wrap gap-1.5">
      <ClickyParts nodes={nodesOf(node.items)} depth={depth} />
    </div>
  );
}
