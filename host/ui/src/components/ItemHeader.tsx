import { Badge, Skeleton, StatusDot } from "@mission-control/plugin-ui";
import { ChevronLeft } from "lucide-preact";
import type { ItemDetail } from "../api.ts";
import { itemFacts } from "../logic/facts.ts";
import { healthLook } from "../logic/health.ts";
import { followLink } from "../navigation.ts";
import { SourceProblems } from "./Problems.tsx";

/** Name, kind, health, and the facts one would ask for. */
export function ItemHeader({ item }: { item: ItemDetail | undefined }) {
  if (!item) return <div class="h-14 shrink-0 px-4 py-2"><Skeleton rows={2} /></div>;
  const health = healthLook(item.health);
  const facts = itemFacts(item);
  return (
    <header class="flex shrink-0 flex-col gap-0.5 bg-card px-4 pt-2 narrow:px-2">
      <div class="flex min-w-0 items-center gap-x-3">
        <a href="/" aria-label="Catalog" onClick={(event) => followLink(event, { page: "home" })} class="-mr-2 hidden narrow:inline">
          <ChevronLeft class="size-5 text-muted-foreground" />
        </a>
        <h1 title={item.name} class="max-w-[60%] shrink-0 truncate text-lg font-semibold">{item.name}</h1>
        <span class="min-w-0 truncate text-muted-foreground">{[item.type, item.namespace, item.source].filter(Boolean).join(" · ")}</span>
        <span class="ml-auto flex shrink-0 items-center gap-1.5">
          <StatusDot shape={health.shape} tone={health.tone} label={health.word} />
          {health.word}
        </span>
      </div>
      {facts.length > 0 && (
        <div class="flex min-w-0 items-center gap-1.5 overflow-hidden text-xs text-muted-foreground">
          {facts.map((fact, index) => (
            <span key={fact.text} class="flex max-w-72 shrink-0 items-center truncate" title={fact.text}>
              {index > 0 && !fact.isLabel && <span aria-hidden class="mr-1.5">·</span>}
              {fact.isLabel ? <Badge>{fact.text}</Badge> : fact.text}
            </span>
          ))}
        </div>
      )}
      <SourceProblems source={item.source} />
    </header>
  );
}
