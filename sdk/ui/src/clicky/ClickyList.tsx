import { Fragment } from "preact";
import { ClickyPart, type PartProps } from "./ClickyPart.tsx";
import { isBlock, nodesOf, plainText } from "./node.ts";

/** Items: numbered, with dots, in one line, or one below the other with their own mark. */
export function ClickyList({ node, depth }: PartProps) {
  const items = nodesOf(node.items);
  if (node.inline === true) {
    return (
      <span>
        {items.map((item, index) => (
          <Fragment key={index}>
            {index > 0 && ", "}
            <ClickyPart node={item} depth={depth} />
          </Fragment>
        ))}
      </span>
    );
  }
  if (node.unstyled === true) {
    const bullet = plainText(node.bullet);
    return (
      <div role="list" class="flex min-w-0 flex-col gap-1.5">
        {items.map((item, index) => (
          <div key={index} role="listitem" class={bullet ? "flex min-w-0 gap-1.5" : "min-w-0"}>
            {bullet && <span aria-hidden class="text-muted-foreground">{bullet}</span>}
            {bullet || isBlock(item) ? <div class="min-w-0 flex-1"><ClickyPart node={item} depth={depth} /></div> : <ClickyPart node={item} depth={depth} />}
          </div>
        ))}
      </div>
    );
  }
  const Tag = node.ordered === true ? "ol" : "ul";
  return (
    <Tag class={node.ordered === true ? "list-decimal pl-5" : "list-disc pl-5"}>
      {items.map((item, index) => (
        <li key={index} class="marker:text-muted-foreground">
          <ClickyPart node={item} depth={depth} />
        </li>
      ))}
    </Tag>
  );
}
