import { Badge, classes, Menu, SearchBox, StatusDot, type StatusShape } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import { sourceColour } from "../logic/names.ts";
import type { Rule, SourceInfo, SourceState } from "../protocol.ts";

const STATES: Record<SourceState, { shape: StatusShape; tone: "success" | "warning" | "destructive" | "neutral" | "info" }> = {
  new: { shape: "ring", tone: "info" },
  open: { shape: "dot", tone: "success" },
  waiting: { shape: "triangle", tone: "warning" },
  ended: { shape: "bar", tone: "neutral" },
  removed: { shape: "bar", tone: "neutral" },
  refused: { shape: "diamond", tone: "destructive" },
  excluded: { shape: "ring", tone: "neutral" },
};

const STATE_WORDS: Partial<Record<SourceState, string>> = { open: "", excluded: "not read" };

export interface SourcePickerProps {
  sources: readonly SourceInfo[];
  hidden: readonly string[];
  onChange: (hidden: string[]) => void;
  onDeath: (rule: Pick<Rule, "namespace" | "pod" | "container">) => void;
}

function groups(sources: readonly SourceInfo[]): [string, SourceInfo[]][] {
  const found = new Map<string, SourceInfo[]>();
  for (const source of sources) found.set(source.pod || "files", [...(found.get(source.pod || "files") ?? []), source]);
  return [...found.entries()];
}

function summary(sources: readonly SourceInfo[], hidden: readonly string[]): string {
  const pods = new Set(sources.map((source) => source.pod)).size;
  const kept = sources.filter((source) => !hidden.includes(source.key)).length;
  if (!sources.length) return "sources";
  if (kept < sources.length) return `${kept} of ${sources.length} sources`;
  const areFiles = sources.every((source) => source.kind === "file" || source.kind === "journal");
  if (areFiles) return `${sources.length} ${sources.length === 1 ? "file" : "files"}`;
  return `${pods} ${pods === 1 ? "pod" : "pods"}${sources.length > pods ? ` · ${sources.length} containers` : ""}`;
}

/** Pods and containers: which to show, how each fares, live. */
export function SourcePicker({ sources, hidden, onChange, onDeath }: SourcePickerProps) {
  const [search, setSearch] = useState("");
  const wanted = sources.filter((source) => `${source.pod} ${source.container} ${source.node}`.toLowerCase().includes(search.toLowerCase()));
  const set = (keys: readonly string[], isShown: boolean) => onChange(isShown ? hidden.filter((key) => !keys.includes(key)) : [...new Set([...hidden, ...keys])]);
  return (
    <Menu label="Pods and containers" text={summary(sources, hidden)} isSet={hidden.length > 0} align="left">
      <div class="flex w-76 max-w-[80vw] flex-col gap-1 p-1">
        {sources.length > 8 && <SearchBox label="Find a pod" value={search} onChange={setSearch} hasHotkey={false} pauseMs={0} />}
        <div class="flex gap-3 px-1 text-xs">
          <button type="button" class="text-primary hover:underline" onClick={() => onChange([])}>
            all
          </button>
          <button type="button" class="text-primary hover:underline" onClick={() => onChange(sources.filter((one) => !wanted.includes(one) || !search).map((one) => one.key))}>
            {search ? "only these" : "none"}
          </button>
        </div>
        {groups(wanted).map(([pod, members]) => {
          const keys = members.map((one) => one.key);
          const isShown = keys.some((key) => !hidden.includes(key));
          return (
            <div key={pod} class={classes(members.every((one) => one.state === "removed") && "opacity-60")}>
              <label class="flex items-center gap-2 rounded-control px-1 py-0.5 font-medium hover:bg-accent">
                <input type="checkbox" class="accent-primary" checked={isShown} onChange={(event) => set(keys, event.currentTarget.checked)} />
                <span class="min-w-0 flex-1 truncate" title={`${members[0]?.namespace ?? ""} ${pod} ${members[0]?.node ? `on ${members[0].node}` : ""}`}>
                  {pod}
                </span>
                {members[0]?.revision && <span class="text-xs font-normal text-muted-foreground">{members[0].revision}</span>}
              </label>
              {members.map((one) => (
                <div key={one.key} class="flex items-center gap-2 rounded-control py-0.5 pr-1 pl-6 hover:bg-accent">
                  <label class="flex min-w-0 flex-1 items-center gap-2">
                    <input type="checkbox" class="accent-primary" checked={!hidden.includes(one.key)} onChange={(event) => set([one.key], event.currentTarget.checked)} />
                    <span class={classes("size-2.5 shrink-0 rounded-sm", sourceColour(one.index))} />
                    <span class="min-w-0 truncate" title={one.container}>{one.container}</span>
                    {one.kind !== "main" && <span class="text-xs text-muted-foreground">{one.kind}</span>}
                  </label>
                  {one.skewMs !== 0 && <span class="text-xs text-warning-text" title="the clock of its node differs from the server's">{one.skewMs} ms</span>}
                  {one.restarts > 0 && (
                    <button type="button" title="Why did it die?" onClick={() => onDeath(one)}>
                      <Badge tone="warning">{one.restarts}×</Badge>
                    </button>
                  )}
                  <span class="max-w-32 truncate text-xs text-muted-foreground" title={one.reason}>{one.reason || (STATE_WORDS[one.state] ?? one.state)}</span>
                  <StatusDot shape={STATES[one.state].shape} tone={STATES[one.state].tone} label={one.reason || STATE_WORDS[one.state] || one.state} />
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </Menu>
  );
}
