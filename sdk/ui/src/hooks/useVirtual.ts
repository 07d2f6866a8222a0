import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualizerOptions } from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

type Options = Pick<VirtualizerOptions<HTMLElement, HTMLElement>, "count" | "getScrollElement" | "estimateSize"> &
  Partial<VirtualizerOptions<HTMLElement, HTMLElement>>;

/** Window over many rows or columns: TanStack Virtual bound to Preact. */
export function useVirtual(options: Options): Virtualizer<HTMLElement, HTMLElement> {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const full: VirtualizerOptions<HTMLElement, HTMLElement> = {
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: 8,
    ...options,
    onChange: () => redraw(0),
  };
  const instance = useRef<Virtualizer<HTMLElement, HTMLElement> | null>(null);
  instance.current ??= new Virtualizer(full);
  instance.current.setOptions(full);
  useLayoutEffect(() => instance.current?._didMount(), []);
  useLayoutEffect(() => instance.current?._willUpdate());
  return instance.current;
}
