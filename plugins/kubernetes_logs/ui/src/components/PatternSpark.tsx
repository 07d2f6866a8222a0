const HEIGHT = 16;

/** How often a pattern came over the time of the list. */
export function PatternSpark({ counts, label }: { counts: readonly number[]; label: string }) {
  const most = Math.max(1, ...counts);
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${counts.length} ${HEIGHT}`} preserveAspectRatio="none" class="h-4 w-full">
      <rect x={0} y={HEIGHT - 0.5} width={counts.length} height={0.5} class="fill-border" />
      {counts.map((count, at) => {
        const height = count && Math.max(1.5, (count / most) * HEIGHT);
        return count ? <rect key={at} x={at + 0.1} y={HEIGHT - height} width={0.8} height={height} class="fill-chart-1" /> : null;
      })}
    </svg>
  );
}
