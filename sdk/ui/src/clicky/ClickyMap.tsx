import { FieldList } from "../components/FieldList.tsx";
import { ClickyPart, type PartProps } from "./ClickyPart.tsx";
import { prettyName } from "./names.ts";
import { asNode, isBlock, isRecord, listOf, plainText, textOf } from "./node.ts";

/** Names and values: short values as one list, longer ones as sections with their label. */
export function ClickyMap({ node, depth }: PartProps) {
  const fields = listOf(node.fields).filter(isRecord).map((field) => ({ label: plainText(field.label) || prettyName(textOf(field.name)), value: asNode(field.value) }));
  const only = fields.length === 1 ? fields[0] : undefined;
  if (only?.value.kind === "table") return <ClickyPart node={only.value} depth={depth} />;
  const short = fields.filter((field) => !isBlock(field.value));
  const blocks = fields.filter((field) => isBlock(field.value));
  return (
    <div class="flex min-w-0 flex-col gap-2">
      {short.length > 0 && <FieldList fields={short.map((field, index) => ({ id: index, name: field.label, value: <ClickyPart node={field.value} depth={depth} /> }))} />}
      {blocks.map((field, index) => (
        <section key={index} aria-label={field.label} class="min-w-0 rounded-control border">
          <h4 class="border-b bg-muted/50 px-2.5 py-1 text-xs font-medium text-muted-foreground">{field.label}</h4>
          <div class={field.value.kind === "table" ? "min-w-0" : "min-w-0 p-2.5"}>
            <ClickyPart node={field.value} depth={depth} />
          </div>
        </section>
      ))}
    </div>
  );
}
