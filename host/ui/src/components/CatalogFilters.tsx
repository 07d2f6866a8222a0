import { SearchBox, Select } from "@mission-control/plugin-ui";
import { HEALTHS } from "../logic/health.ts";
import { typeLabel } from "../logic/groups.ts";
import type { Filters } from "../logic/route.ts";
import { setFilters } from "../navigation.ts";

/** What narrows the list; it lives in the address. */
export function CatalogFilters({ filters, types }: { filters: Filters; types: string[] }) {
  const set = (change: Filters) => setFilters({ ...filters, ...change });
  return (
    <div class="flex flex-col gap-1.5 border-b px-2 pt-1.5 pb-2">
      <SearchBox label="Filter items" value={filters.search ?? ""} onChange={(search) => set({ search })} />
      <div class="grid grid-cols-2 gap-1.5 [&_select]:w-full [&_select]:max-w-none">
        <Select
          label="Type"
          value={filters.type ?? ""}
          isSet={Boolean(filters.type)}
          options={[{ value: "", label: "All types" }, ...types.map((type) => ({ value: type, label: typeLabel(type) }))]}
          onChange={(type) => set({ type })}
        />
        <Select
          label="Health"
          value={filters.health ?? ""}
          isSet={Boolean(filters.health)}
          options={[{ value: "", label: "Any health" }, ...HEALTHS.map((health) => ({ value: health, label: health }))]}
          onChange={(health) => set({ health })}
        />
      </div>
    </div>
  );
}
