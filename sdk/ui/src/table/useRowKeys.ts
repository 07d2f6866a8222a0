import { useHotkeys } from "../hooks/useHotkeys.ts";

export interface RowKeys {
  keys: string[];
  cursor: string | null;
  setCursor: (key: string) => void;
  selected: string | null;
  onSelect: (key: string | null) => void;
  scrollTo: (index: number) => void;
  /** Take the focus from a control, so that Enter opens the row and does not press the control again. */
  takeFocus: () => void;
}

/** Move through rows with j, k and arrows, open with Enter, close with Esc; an open panel follows the cursor. */
export function useRowKeys({ keys, cursor, setCursor, selected, onSelect, scrollTo, takeFocus }: RowKeys): void {
  function move(step: number) {
    const at = cursor === null ? -1 : keys.indexOf(cursor);
    const index = Math.min(keys.length - 1, Math.max(0, at < 0 ? 0 : at + step));
    const key = keys[index];
    if (key === undefined) return;
    setCursor(key);
    takeFocus();
    scrollTo(index);
    if (selected !== null) onSelect(key);
  }
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: (event) => {
      const isOnControl = event.target instanceof HTMLElement && event.target.closest("button, a, summary");
      if (isOnControl) (isOnControl as HTMLElement).click();
      else if (cursor !== null) onSelect(cursor);
    },
  });
}
