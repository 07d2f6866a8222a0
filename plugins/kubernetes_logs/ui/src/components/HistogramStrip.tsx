import { classes, IconButton } from "@mission-control/plugin-ui";
import { X } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { msStamp, stampMs } from "../logic/stamps.ts";
import { LEVELS, type Histogram } from "../protocol.ts";

/** From the bottom: what matters most stands on the axis. */
const STACK = [5, 4, 3, 2, 1, 0, 6];
const FILLS = ["fill-muted-foreground/40", "fill-muted-foreground/60", "fill-chart-1/70", "fill-warning", "fill-destructive", "fill-destructive", "fill-muted-foreground/35"];
const HEIGHT = 32;

function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

export interface HistogramStripProps {
  /** Null until there is a line: its room is kept, so that nothing moves when it comes. */
  histogram: Histogram | null;
  from: string;
  to: string;
  onRange: (from: string, to: string) => void;
}

/** Lines over time by level; dragging chooses a range, Esc or the button lets it go. */
export function HistogramStrip({ histogram, from, to, onRange }: HistogramStripProps) {
  const box = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  if (!histogram) return <div class="h-[3.125rem] shrink-0 border-b bg-card" />;
  const { fromMs, bucketMs, counts } = histogram;
  const buckets = counts.length / LEVELS.length;
  const totals = Array.from({ length: buckets }, (_, bucket) => counts.slice(bucket * 7, bucket * 7 + 7).reduce((sum, count) => sum + count, 0));
  const most = Math.max(1, ...totals);
  const bucketOf = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    return rect ? Math.max(0, Math.min(buckets - 1, Math.floor(((event.clientX - rect.left) / rect.width) * buckets))) : 0;
  };
  const finish = () => {
    if (!drag) return;
    const [a, b] = [Math.min(...drag), Math.max(...drag)];
    setDrag(null);
    onRange(msStamp(fromMs + a * bucketMs), msStamp(fromMs + (b + 1) * bucketMs));
  };
  const chosen = from ? ([(stampMs(from) - fromMs) / bucketMs, (stampMs(to) - fromMs) / bucketMs] as const) : null;
  const shade = drag ? ([Math.min(...drag), Math.max(...drag) + 1] as const) : chosen;
  return (
    <div class="flex shrink-0 items-stretch gap-1 border-b bg-card px-density-2 pt-1 text-xs text-muted-foreground">
      <div class="min-w-0 flex-1">
        <svg
          ref={box}
          role="img"
          aria-label={`Lines by time, ${clock(fromMs)} to ${clock(fromMs + buckets * bucketMs)}; drag to choose a range`}
          viewBox={`0 0 ${buckets} ${HEIGHT}`}
          preserveAspectRatio="none"
          class="h-8 w-full cursor-crosshair touch-none select-none"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            const bucket = bucketOf(event);
            setDrag([bucket, bucket]);
          }}
          onPointerMove={(event) => drag && setDrag([drag[0], bucketOf(event)])}
          onPointerUp={finish}
          onPointerCancel={() => setDrag(null)}
        >
          {shade && <rect x={Math.max(0, shade[0])} y={0} width={Math.max(0, Math.min(buckets, shade[1]) - Math.max(0, shade[0]))} height={HEIGHT} class="fill-primary/15" />}
          {totals.map((total, bucket) => {
            let top = HEIGHT;
            return (
              <g key={bucket}>
                {STACK.map((level) => {
                  const count = counts[bucket * 7 + level] ?? 0;
                  if (!count) return null;
                  const height = Math.max(0.6, (count / most) * (HEIGHT - 2));
                  top -= height;
                  return <rect key={level} x={bucket + 0.08} y={top} width={0.84} height={height} class={FILLS[level]} />;
                })}
                {total > 0 && <rect x={bucket} y={0} width={1} height={HEIGHT} fill="transparent"><title>{`${clock(fromMs + bucket * bucketMs)}: ${total.toLocaleString()} lines`}</title></rect>}
              </g>
            );
          })}
        </svg>
        <div class="flex justify-between pb-0.5 leading-4 tabular-nums">
          <span>{clock(fromMs)}</span>
          <span class={classes(from ? "text-primary" : "narrow:hidden")}>{from ? `${clock(stampMs(from))} – ${clock(stampMs(to))}` : "drag to choose a range"}</span>
          <span>{clock(fromMs + buckets * bucketMs)}</span>
        </div>
      </div>
      {from && (
        <IconButton label="All times" onClick={() => onRange("", "")}>
          <X class="size-3.5" />
        </IconButton>
      )}
    </div>
  );
}
