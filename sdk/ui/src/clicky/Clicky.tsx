import { useMemo } from "preact/hooks";
import { classes } from "../classes.ts";
import { readClicky } from "./convert.ts";
import { ClickyPart } from "./ClickyPart.tsx";

/** Draw an operation's answer: a clicky document, one of its nodes, or any other JSON as table, map or list. */
export function Clicky({ value, class: extra }: { value: unknown; class?: string }) {
  const node = useMemo(() => readClicky(value), [value]);
  return (
    <div data-clicky class={classes("flex min-w-0 flex-col gap-2 text-sm", extra)}>
      <ClickyPart node={node} depth={0} />
    </div>
  );
}
