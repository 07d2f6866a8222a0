import { useState } from "preact/hooks";
import { useHotkeys } from "../hooks/useHotkeys.ts";
import { Dialog } from "./Dialog.tsx";

/** Keys and what they do, as pairs. */
export type KeyList = readonly (readonly [keys: string, meaning: string])[];

/** The list of keys behind `?`. */
export function KeyboardHelp({ keys }: { keys: KeyList }) {
  const [isOpen, setOpen] = useState(false);
  useHotkeys({ "?": () => setOpen(true) });
  if (!isOpen) return null;
  return (
    <Dialog title="Keys" onClose={() => setOpen(false)}>
      <dl class="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5">
        {keys.map(([names, meaning]) => (
          <div key={names} class="contents">
            <dt class="flex justify-end gap-1">
              {names.split(" ").map((name) => (
                <kbd key={name} class="rounded border bg-muted px-1.5 font-sans text-xs">
                  {name}
                </kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
