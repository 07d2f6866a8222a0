import { Menu, MenuItem } from "@mission-control/plugin-ui";
import { Bookmark, Check, Ellipsis, Trash2 } from "lucide-preact";
import { useState } from "preact/hooks";
import type { Look, SavedFilter } from "../logic/useLogs.ts";

const STAMPS = [
  ["local", "Local time"],
  ["utc", "UTC"],
  ["relative", "Age"],
  ["off", "No times"],
] as const;

export interface MoreMenuProps {
  look: Look;
  onLook: (changes: Partial<Look>) => void;
  isPrevious: boolean;
  onPrevious: (isPrevious: boolean) => void;
  hasEvents: boolean;
  onEvents: (hasEvents: boolean) => void;
  actions: { mark: () => void; clear: () => void };
  saved: { all: readonly SavedFilter[]; save: (name: string) => void; apply: (one: SavedFilter) => void; remove: (one: SavedFilter) => void };
}

function Tick({ isOn }: { isOn: boolean }) {
  return isOn ? <Check class="size-3.5 text-primary" /> : <span class="size-3.5" />;
}

/** How lines look, saved filters, and what is done seldom. */
export function MoreMenu({ look, onLook, isPrevious, onPrevious, hasEvents, onEvents, actions, saved }: MoreMenuProps) {
  const [name, setName] = useState("");
  const rule = <hr class="my-1" />;
  return (
    <Menu label="More" icon={<Ellipsis class="size-4" />}>
      {(close) => (
        <>
          {STAMPS.map(([style, label]) => (
            <MenuItem key={style} icon={<Tick isOn={look.stamps === style} />} hint={look.stamps === style ? "t" : undefined} onClick={() => onLook({ stamps: style })}>
              {label}
            </MenuItem>
          ))}
          {rule}
          <MenuItem icon={<Tick isOn={look.isWrapped} />} hint="w" onClick={() => onLook({ isWrapped: !look.isWrapped })}>Wrap lines</MenuItem>
          <MenuItem icon={<Tick isOn={look.isPretty} />} onClick={() => onLook({ isPretty: !look.isPretty })}>Show JSON as text</MenuItem>
          <MenuItem icon={<Tick isOn={look.hasHistogram} />} onClick={() => onLook({ hasHistogram: !look.hasHistogram })}>Histogram</MenuItem>
          <MenuItem icon={<Tick isOn={hasEvents} />} onClick={() => onEvents(!hasEvents)}>Kubernetes events</MenuItem>
          <MenuItem icon={<Tick isOn={isPrevious} />} onClick={() => (onPrevious(!isPrevious), close())}>Previous instance</MenuItem>
          {rule}
          <MenuItem icon={<span class="size-3.5" />} hint="m" onClick={() => (actions.mark(), close())}>Set a mark</MenuItem>
          <MenuItem icon={<span class="size-3.5" />} hint="x" onClick={() => (actions.clear(), close())}>Clear the list</MenuItem>
          {rule}
          {saved.all.map((one) => (
            <div key={one.name} class="flex items-center">
              <MenuItem icon={<Bookmark class="size-3.5" />} onClick={() => (saved.apply(one), close())}>{one.name}</MenuItem>
              <button type="button" aria-label={`Remove the filter ${one.name}`} class="p-1 text-muted-foreground hover:text-destructive" onClick={() => saved.remove(one)}>
                <Trash2 class="size-3.5" />
              </button>
            </div>
          ))}
          <form
            class="flex items-center gap-1 px-1 py-0.5"
            onSubmit={(event) => {
              event.preventDefault();
              if (!name.trim()) return;
              saved.save(name.trim());
              setName("");
              close();
            }}
          >
            <input
              aria-label="Name for this filter"
              placeholder="Save this filter as…"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
              class="h-control-h w-full min-w-0 rounded-control border border-input bg-card px-2 text-sm"
            />
          </form>
        </>
      )}
    </Menu>
  );
}
