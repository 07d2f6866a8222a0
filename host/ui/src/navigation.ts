import { useEffect, useState } from "preact/hooks";
import { parseRoute, renderRoute, type Filters, type Place, type Route, type RunPlace } from "./logic/route.ts";

const CHANGED = "mc-route-changed";

/** Return where the shell is right now. */
export function currentRoute(): Route {
  return parseRoute(window.location);
}

function write(route: Route, isStep: boolean): void {
  const address = renderRoute(route);
  if (address === `${window.location.pathname}${window.location.search}`) return;
  if (isStep) window.history.pushState(null, "", address);
  else window.history.replaceState(null, "", address);
  window.dispatchEvent(new Event(CHANGED));
}

function isSameItem(a: Place, b: Place): boolean {
  return a.page === "item" && b.page === "item" && a.itemId === b.itemId;
}

/** Go somewhere; `isStep` false corrects the address without a step for Back. An open form stays while the item does. */
export function go(place: Place, { isStep = true } = {}): void {
  const { place: before, filters, run } = currentRoute();
  write({ place, filters, run: isSameItem(before, place) ? run : null }, isStep);
}

/** Change what the list shows, in place. */
export function setFilters(filters: Filters): void {
  write({ ...currentRoute(), filters }, false);
}

/** Open an operation's form beside the page. */
export function openRun(plugin: string, operation: string, place: Place = currentRoute().place): void {
  write({ place, filters: currentRoute().filters, run: { plugin, operation, values: {} } }, true);
}

export function closeRun(): void {
  write({ ...currentRoute(), run: null }, true);
}

/** Keep what is entered in the open form, in place. */
export function keepValues(values: RunPlace["values"]): void {
  const route = currentRoute();
  if (route.run) write({ ...route, run: { ...route.run, values } }, false);
}

/** Keep the part of the address that a plugin's tab owns; Back steps are the tab's own. */
export function keepView(view: string): void {
  const { place, filters, run } = currentRoute();
  if (place.page !== "item" || place.tab?.kind !== "plugin") return;
  write({ place: { ...place, tab: { ...place.tab, view } }, filters, run }, false);
}

/** Return the route, now and as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const follow = () => setRoute(currentRoute());
    window.addEventListener("popstate", follow);
    window.addEventListener(CHANGED, follow);
    return () => {
      window.removeEventListener("popstate", follow);
      window.removeEventListener(CHANGED, follow);
    };
  }, []);
  return route;
}

/** Follow a link inside the shell; modified clicks stay the browser's. */
export function followLink(event: MouseEvent, place: Place): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(place);
}
