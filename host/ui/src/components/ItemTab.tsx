import { Badge, CopyButton, FieldList, JsonTree } from "@mission-control/plugin-ui";
import type { ComponentChildren } from "preact";
import type { ItemDetail, Plugin } from "../api.ts";
import { setFilters } from "../navigation.ts";
import { ItemChanges } from "./ItemChanges.tsx";
import { OperationList } from "./OperationList.tsx";

function Section({ title, end, children }: { title: string; end?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="border-b px-4 py-3">
      <div class="mb-1.5 flex h-control-h items-center gap-2">
        <h2 class="text-base font-semibold">{title}</h2>
        {end}
      </div>
      {children}
    </section>
  );
}

function pairs(values: Record<string, unknown> | null | undefined) {
  return Object.entries(values ?? {}).map(([name, value]) => ({
    name,
    value: typeof value === "object" && value !== null ? <JsonTree value={value} depth={1} /> : String(value),
  }));
}

function Chips({ values }: { values: Record<string, string> | undefined }) {
  return (
    <div class="flex flex-wrap gap-1.5">
      {Object.entries(values ?? {}).map(([name, value]) => (
        <button key={name} type="button" title={`Show all items with ${name}=${value}`} class="rounded hover:ring-1 hover:ring-ring" onClick={() => setFilters({ tag: `${name}=${value}` })}>
          <Badge>
            {name}={value}
          </Badge>
        </button>
      ))}
    </div>
  );
}

const hasAny = (values: object | null | undefined) => Object.keys(values ?? {}).length > 0;

/** The host's own tab: what the catalog knows, what can be done, and the raw object. */
export function ItemTab({ item, plugins }: { item: ItemDetail; plugins: Plugin[] }) {
  const facts = [
    { name: "id", value: <span class="inline-flex items-center gap-1 font-mono text-xs">{item.id}<CopyButton label="Copy id" text={item.id} /></span> },
    { name: "type", value: item.type },
    { name: "source", value: item.source },
    ...(item.namespace ? [{ name: "namespace", value: item.namespace }] : []),
    ...(item.status ? [{ name: "status", value: item.status }] : []),
  ];
  return (
    <div class="min-h-0 flex-1 overflow-auto bg-card">
      <Section title="About">
        <FieldList fields={facts} />
      </Section>
      {hasAny(item.properties) && (
        <Section title="Properties">
          <FieldList fields={pairs(item.properties)} />
        </Section>
      )}
      {hasAny(item.labels) && <Section title="Labels"><Chips values={item.labels} /></Section>}
      {hasAny(item.tags) && <Section title="Tags"><Chips values={item.tags} /></Section>}
      <Section title="Operations">
        <OperationList plugins={plugins} />
      </Section>
      <Section title="History">
        <ItemChanges itemId={item.id} />
      </Section>
      {item.config !== null && item.config !== undefined && (
        <Section title="Raw object" end={<CopyButton label="Copy as JSON" text={() => JSON.stringify(item.config, null, 2)} />}>
          <JsonTree value={item.config} />
        </Section>
      )}
    </div>
  );
}
