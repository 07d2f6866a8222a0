/** Return a share as people read it: `99.2 %`, `0.04 %`, `100 %`. */
export function formatPercent(percent: number | null | undefined): string {
  if (percent === null || percent === undefined || !Number.isFinite(percent)) return "–";
  if (percent !== 0 && Math.abs(percent) < 0.1) return `${percent.toPrecision(1)} %`;
  return `${String(Math.round(percent * 10) / 10)} %`;
}

/** Return a rate with as many digits as it deserves. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return "–";
  if (perSecond !== 0 && perSecond < 10) return String(Number(perSecond.toPrecision(2)));
  return Math.round(perSecond).toLocaleString();
}
