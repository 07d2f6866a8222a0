import { useEffect, useState } from "preact/hooks";
import { parseHash, renderHash, withParams, type HashView } from "../logic/hash.ts";
import { reportView } from "../client/shell.ts";

const CHANGED = "mc-hash-changed";

function write(view: HashView, isStep: boolean): void {
  const hash = `#${renderHash(view)}`;
  if (hash === window.location.hash) return;
  if (isStep) window.history.pushState(null, "", hash);
  else window.history.replaceState(null, "", hash);
  window.dispatchEvent(new Event(CHANGED));
}

export interface HashNavigation {
  path: string;
  params: URLSearchParams;
  /** Change filters of this view in place: typing must not fill the history. */
  setParams: (changes: Record<string, string | null>) => void;
  /** Go to another view as a step that Back undoes. */
  go: (path: string, params?: Record<string, string | null>) => void;
  /** Say by its own name where an address without a view, or with an old name, has led. */
  settle: (path: string) => void;
}

function setParams(changes: Record<string, string | null>): void {
  const view = parseHash(window.location.hash);
  write({ path: view.path, params: withParams(view.params, changes) }, false);
}

function go(path: string, params: Record<string, string | null> = {}): void {
  write({ path, params: withParams(new URLSearchParams(), params) }, true);
}

function settle(path: string): void {
  const view = parseHash(window.location.hash);
  if (view.path !== path) write({ path, params: view.params }, false);
}

/** Return the view in the address and the ways to change it; the shell is told of every change. */
export function useHashView(): HashNavigation {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = () => {
      setHash(window.location.hash);
      reportView(window.location.hash.replace(/^#/, ""));
    };
    const names = ["hashchange", "popstate", CHANGED];
    for (const name of names) window.addEventListener(name, follow);
    return () => {
      for (const name of names) window.removeEventListener(name, follow);
    };
  }, []);
  const { path, params } = parseHash(hash);
  return { path, params, setParams, go, settle };
}
