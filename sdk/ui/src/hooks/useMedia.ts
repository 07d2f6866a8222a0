import { useEffect, useState } from "preact/hooks";

/** Return whether a media query holds, now and as it changes. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const list = window.matchMedia(query);
    const follow = () => setMatches(list.matches);
    follow();
    list.addEventListener("change", follow);
    return () => list.removeEventListener("change", follow);
  }, [query]);
  return matches;
}

/** Return whether the page is too narrow for side panels and full tables. */
export function useIsNarrow(): boolean {
  return useMedia("(width < 40rem)");
}
