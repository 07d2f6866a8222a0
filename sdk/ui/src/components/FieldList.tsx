import type { ComponentChildren } from "preact";

export interface Field {
  /** Set where two names may be alike. */
  id?: number;
  name: string;
  value: ComponentChildren;
  title?: string;
}

/** Names and values of one thing, unknown ones left out by the caller. */
export function FieldList({ fields }: { fields: readonly Field[] }) {
  return (
    <dl class="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-3 gap-y-1">
      {fields.map((field) => (
        <div key={field.id ?? field.name} class="contents">
          <dt class="text-muted-foreground">{field.name}</dt>
          <dd title={field.title} class="min-w-0 break-words tabular-nums">
            {field.value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
