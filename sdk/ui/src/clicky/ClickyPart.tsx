import type { FunctionComponent } from "preact";
import { JsonTree } from "../components/JsonTree.tsx";
import { Admonition, Blockquote, Collapsed, Comment, Footnote, FootnoteRef, Footnotes, Heading } from "./ClickyBlocks.tsx";
import { convertJson } from "./convert.ts";
import { ClickyCode } from "./ClickyCode.tsx";
import { ClickyBadge, ClickyButton, ClickyButtons, ClickyCommand, ClickyIcon, ClickyLink, ClickyText } from "./ClickyInline.tsx";
import { ClickyList } from "./ClickyList.tsx";
import { ClickyHtml } from "./ClickyHtml.tsx";
import { ClickyMap } from "./ClickyMap.tsx";
import { ClickyTable } from "./ClickyTable.tsx";
import { ClickyTree, ExecutionTree, ObjectGraph } from "./ClickyTree.tsx";
import { Stacktrace } from "./ClickyStacktrace.tsx";
import type { ClickyNode } from "./node.ts";

export interface PartProps {
  node: ClickyNode;
  /** How many nodes are around this one; very deep documents end as JSON. */
  depth: number;
}

const MAX_DEPTH = 40;

function Json({ value }: { value: unknown }) {
  return (
    <div class="min-w-0 overflow-x-auto">
      <JsonTree value={value} depth={1} />
    </div>
  );
}

const PARTS: Record<string, FunctionComponent<PartProps>> = {
  text: ClickyText,
  link: ClickyLink,
  "link-command": ClickyCommand,
  icon: ClickyIcon,
  list: ClickyList,
  map: ClickyMap,
  table: ClickyTable,
  tree: ClickyTree,
  code: ClickyCode,
  heading: Heading,
  blockquote: Blockquote,
  admonition: Admonition,
  "footnote-ref": FootnoteRef,
  footnote: Footnote,
  footnotes: Footnotes,
  collapsed: Collapsed,
  stacktrace: Stacktrace,
  button: ClickyButton,
  "button-group": ClickyButtons,
  html: ClickyHtml,
  comment: Comment,
  badge: ClickyBadge,
  "object-graph": ObjectGraph,
  "execution-tree": ExecutionTree,
  json: ({ node }) => <Json value={node.value} />,
  record: ({ node, depth }) => <ClickyPart node={convertJson(node.value, 1)} depth={depth} />, // converted when it is opened
};

/** Draw one node; a kind that nobody knows is shown as JSON. */
export function ClickyPart({ node, depth }: PartProps) {
  const Part = depth > MAX_DEPTH ? undefined : PARTS[node.kind];
  return Part ? <Part node={node} depth={depth + 1} /> : <Json value={node} />;
}

/** Draw several nodes, one after the other. */
export function ClickyParts({ nodes, depth }: { nodes: readonly ClickyNode[]; depth: number }) {
  return (
    <>
      {nodes.map((node, index) => (
        <ClickyPart key={index} node={node} depth={depth} />
      ))}
    </>
  );
}
