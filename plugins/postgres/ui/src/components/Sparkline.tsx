import { sparklinePoints } from "../logic/sparkline.ts";

/** The course of one figure, without axes: the last value stands beside it as text. */
export function Sparkline({ values, label }: { values: readonly (number | null)[] | undefined; label: string }) {
  const points = sparklinePoints(values ?? []);
  if (points.length < 2) return <span class="h-5 w-px" />;
  return (
    <svg role="img" aria-label={label} viewBox="0 0 80 20" class="h-5 w-20 min-w-0 shrink overflow-visible">
      <polyline points={points.map(({ x, y }) => `${String(x)},${String(y)}`).join(" ")} fill="none" class="stroke-primary" stroke-width="1.25" stroke-linejoin="round" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
