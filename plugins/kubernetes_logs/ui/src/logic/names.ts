import type { SourceInfo } from "../protocol.ts";

const COLOURS = ["bg-chart-1", "bg-chart-2", "bg-chart-3", "bg-chart-4", "bg-chart-5", "bg-chart-6", "bg-chart-7", "bg-chart-8"];

/** Return the class of a source's bar. */
export function sourceColour(index: number): string {
  return index < 0 ? "bg-border" : (COLOURS[index % COLOURS.length] as string);
}

function commonPrefix(names: readonly string[]): string {
  let prefix = names[0] ?? "";
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf("-") + 1);
}

/** Return short names that still tell sources apart: what all pods share is left out. */
export function shortNames(sources: readonly SourceInfo[]): string[] {
  const pods = [...new Set(sources.map((source) => source.pod))].filter(Boolean);
  const containers = new Set(sources.map((source) => source.container));
  const prefix = pods.length > 1 ? commonPrefix(pods) : "";
  return sources.map(({ pod, container }) => {
    if (!pod) return container;
    const short = pod.slice(prefix.length) || pod;
    if (pods.length < 2) return containers.size > 1 ? container : short;
    return containers.size > 1 ? `${short} ${container}` : short;
  });
}
