import { useEffect, useRef, useState } from "preact/hooks";

/** Text that is typed now and applied after a pause, so that typing a name is one call and not one per letter; without a
 * pause it is applied as it is typed. */
export function useDraft(applied: string, apply: (text: string) => void, pauseMs = 250): [string, (text: string) => void] {
  const [draft, setDraft] = useState(applied);
  const latest = useRef({ applied, apply });
  latest.current = { applied, apply };
  useEffect(() => setDraft(applied), [applied]);
  useEffect(() => {
    if (pauseMs === 0 || draft === latest.current.applied) return;
    const timer = window.setTimeout(() => latest.current.apply(draft), pauseMs);
    return () => window.clearTimeout(timer);
  }, [draft, pauseMs]);
  const type = (text: string) => {
    setDraft(text);
    if (pauseMs === 0) apply(text);
  };
  return [draft, type];
}
