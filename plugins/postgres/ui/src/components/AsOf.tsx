import { Button, formatAge, useNow } from "@mission-control/plugin-ui";
import { RotateCw } from "lucide-preact";

/** Says how old a measurement is that costs too much to be taken at every look, and offers a fresh one. */
export function AsOf({ asOf, isFetching, onMeasure }: { asOf: string | undefined; isFetching: boolean; onMeasure: () => void }) {
  const now = useNow(5000);
  return (
    <span class="flex items-center gap-1 text-xs text-muted-foreground">
      {asOf && <>measured {formatAge(now - Date.parse(asOf))}</>}
      <Button kind="ghost" disabled={isFetching} icon={<RotateCw aria-hidden class="size-3.5" />} onClick={onMeasure}>
        {isFetching ? "Measuring…" : "Measure now"}
      </Button>
    </span>
  );
}
