import { ComboBox, SearchBox, Select } from "@mission-control/plugin-ui";
import { useItemsAhead } from "../api.ts";
import { HEALTHS } from "../logic/health.ts";
import { askedFilters, typeLabel, type KnownValues } from "../logic/groups.ts";
import { presentFilters, type Filters } from "../logic/route.ts";
import { setFilters } from "../navigation.ts";

export interface CatalogFiltersProps {
  filters: Filters;
  known: KnownValues;
  /** Somebody is about to choose: time to know all there is. */
  onApproach: () => void;
}

/** What narrows the list; it lives in the address. */
export function CatalogFilters({ filters, known, onApproach }: CatalogFiltersProps) {
  const ask = useItemsAhead();
  const set = (change: Filters) => {
    const next = presentFilters({ ...filters, ...change });
    ask(askedFilters(next, known));
    setFilters(next);
  };
  return (
    <div onPointerEnter={onApproach} onFocusIn={onApproach} class="flex flex-col gap-1.5 border-b px-2 pt-1.5 pb-2">
      <SearchBox label="Filter items" value={filters.search ?? ""} onChange={(search) => set({ search })} pauseMs={0} />
      <div class="grid grid-cols-2 gap-1.5 [&_select]:w-full [&_select]:max-w-none">
        <Select
          label="Type"
          value={filters.type ?? ""}
          isSet={Boolean(filters.type)}
          options={[{ value: "", label: "All types" }, ...known.types.map((type) => ({ value: type, label: typeLabel(type) }))]}
          onChange={(type) => set({ type })}
        />
        <Select
          label="Health"
          value={filters.health ?? ""}
          isSet={Boolean(filters.health)}
          options={[{ value: "", label: "Any health" }, ...HEALTHS.map((health) => ({ value: health, label: health }))]}
          onChange={(health) => set({ health })}
        />
        <ComboBox label="Namespace" value={filters.namespace ?? ""} options={known.namespaces} onChange={(namespace) => set({ namespace })} />
        <ComboBox label="Tag" placeholder="tag=value" value={filters.tag ?? ""} options={known.tags} onChange={(tag) => set({ tag })} />
      </div>
    </div>
  );
}
