import { useEffect, useState } from "preact/hooks";

/** Return true once something has been going on for a while, so that fast answers show no skeleton. */
export function useDelayed(isOn: boolean, delayMs: number): boolean {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    if (!isOn) {
      setDue(false);
      return;
    }
    const timer = window.setTimeout(() => setDue(true), delayMs);
    return () => window.clearTimeout(timer);
  }, [isOn, delayMs]);
  return isOn && isDue;
}
