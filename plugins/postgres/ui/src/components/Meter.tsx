export type MeterTone = "primary" | "warning" | "destructive" | "muted";

const FILLS: Record<MeterTone, string> = {
  primary: "fill-primary/70",
  warning: "fill-warning",
  destructive: "fill-destructive",
  muted: "fill-muted-foreground/50",
};

/** A share from 0 to 100 as a bar; its number stands beside it. */
export function Meter({ percent, tone = "primary" }: { percent: number | null | undefined; tone?: MeterTone }) {
  if (percent === null || percent === undefined) return null;
  const width = Math.min(100, Math.max(0, percent));
  return (
    <svg aria-hidden viewBox="0 0 100 6" preserveAspectRatio="none" class="h-1.5 w-16 max-w-16 min-w-6 shrink">
      <rect width="100" height="6" rx="1" class="fill-muted" />
      <rect width={width} height="6" rx="1" class={FILLS[tone]} />
    </svg>
  );
}

/** Which colour a share deserves where much of it is bad. */
export function loadTone(percent: number, warningAt: number, criticalAt: number): MeterTone {
  if (percent >= criticalAt) return "destructive";
  return percent >= warningAt ? "warning" : "primary";
}
