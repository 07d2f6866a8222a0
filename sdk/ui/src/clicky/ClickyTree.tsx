import { Foldable } from "./ClickyBlocks.tsx";
import { ClickyPart, type PartProps } from "./ClickyPart.tsx";
import { convertJson } from "./convert.ts";
import { asNode, isRecord, listOf, plainText, textOf, type JsonRecord } from "./node.ts";

function Branch({ node, level, depth }: { node: JsonRecord; level: number; depth: number }) {
  const children = listOf(node.children).filter(isRecord);
  const label = <ClickyPart node={asNode(node.label ?? node.text ?? node.id)} depth={depth} />;
  if (children.length === 0 || depth > 100) return <div class="py-px pl-4.5">{label}</div>;
  return (
    <Foldable label={label} isOpen={level === 0}>
      <div>
        {children.map((child, index) => (
          <Branch key={textOf(child.id) || index} node={child} level={level + 1} depth={depth + 1} />
        ))}
      </div>
    </Foldable>
  );
}

/** A tree that opens, its first level open. */
export function ClickyTree({ node, depth }: PartProps) {
  return (
    <div role="group" aria-label={plainText(node.label) || "Tree"} class="min-w-0">
      {listOf(node.roots).filter(isRecord).map((root, index) => (
        <Branch key={textOf(root.id) || index} node={root} level={0} depth={depth} />
      ))}
    </div>
  );
}

const TITLES = ["label", "name", "title", "command", "type", "id"];

function titleOf(record: JsonRecord): string {
  return TITLES.map((key) => plainText(record[key])).find(Boolean) ?? "object";
}

/** Return a record without what is already said in its title or drawn as its children. */
function restOf(record: JsonRecord): JsonRecord {
  const title = titleOf(record);
  return Object.fromEntries(Object.entries(record).filter(([key, value]) => key !== "children" && !(TITLES.includes(key) && plainText(value) === title)));
}

/** Objects and their fields, one that opens each. */
export function ObjectGraph({ node, depth }: PartProps) {
  return (
    <div class="flex min-w-0 flex-col gap-1">
      {listOf(node.objects).filter(isRecord).map((one, index) => (
        <Foldable key={index} label={titleOf(one)}>
          <ClickyPart node={convertJson(restOf(one), 1)} depth={depth} />
        </Foldable>
      ))}
    </div>
  );
}

function Execution({ record, depth }: { record: JsonRecord; depth: number }) {
  const rest = restOf(record);
  const children = listOf(record.children).filter(isRecord);
  return (
    <Foldable label={titleOf(record)} isOpen={depth < 6}>
      {Object.keys(rest).length > 0 && <ClickyPart node={convertJson(rest, 1)} depth={depth} />}
      {depth < 40 && children.map((child, index) => <Execution key={index} record={child} depth={depth + 1} />)}
    </Foldable>
  );
}

/** What ran and what it ran. */
export function ExecutionTree({ node, depth }: PartProps) {
  return (
    <div class="min-w-0">
      {listOf(node.executionRoots).filter(isRecord).map((root, index) => (
        <Execution key={index} record={root} depth={depth} />
      ))}
    </div>
  );
}
