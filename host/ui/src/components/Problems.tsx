import { TriangleAlert } from "lucide-preact";
import { useProblems, type Problem } from "../api.ts";

const INTERVAL_MS = 10_000;

/** What is wrong with the host's sources and resources, each with where to look. */
export function Problems() {
  const { data } = useProblems(INTERVAL_MS);
  if (!data?.length) return null;
  return (
    <section aria-label="Problems" class="max-h-48 shrink-0 overflow-auto border-b bg-warning/10 px-4 py-2 text-sm narrow:px-3">
      <h2 class="flex items-center gap-1.5 font-medium text-warning-text">
        <TriangleAlert aria-hidden class="size-4" />
        {data.length === 1 ? "1 problem" : `${String(data.length)} problems`}
      </h2>
      <ul class="mt-1 flex flex-col gap-1">
        {data.map(({ source, problem }) => (
          <li key={`${source} ${problem}`} class="wrap-anywhere">
            <span class="mr-2 font-mono text-xs text-muted-foreground">{source}</span>
            {problem}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How many problems there are, for a link to them. */
export function useProblemCount(): number {
  return useProblems(INTERVAL_MS).data?.length ?? 0;
}

/** What is wrong with the source of an item: it may be denied, or its items older than they look. */
export function SourceProblems({ source }: { source: string }) {
  const found: Problem[] = useProblems(INTERVAL_MS).data?.filter((one) => one.source === source) ?? [];
  if (found.length === 0) return null;
  return (
    <div role="status" class="flex min-w-0 items-center gap-1.5 text-xs text-warning-text" title={found.map((one) => one.problem).join("\n")}>
      <TriangleAlert aria-hidden class="size-3.5 shrink-0" />
      <span class="min-w-0 truncate">{found.map((one) => one.problem).join(" · ")}</span>
    </div>
  );
}
