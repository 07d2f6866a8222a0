import { useCallback, useState } from "preact/hooks";

/** Read a stored preference; anything unreadable is the fallback. */
export function readPreference<Value>(key: string, fallback: Value): Value {
  try {
    const text = window.localStorage.getItem(key);
    return text === null ? fallback : (JSON.parse(text) as Value);
  } catch {
    return fallback;
  }
}

/** Store a preference; a full or blocked store loses it without harm. */
export function writePreference(key: string, value: unknown): void {
  try {
    window.localStorage.setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}

/** State that this browser remembers. */
export function usePreference<Value>(key: string, fallback: Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState<Value>(() => readPreference(key, fallback));
  const set = useCallback(
    (next: Value) => {
      setValue(next);
      writePreference(key, next);
    },
    [key],
  );
  return [value, set];
}
