import { useEffect, useState } from "preact/hooks";
import { parseRoute, renderRoute, type Filters, type Place, type Route } from "./logic/route.ts";

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

/** Go somewhere; `isStep` false corrects the address without a step for Back. */
export function go(place: Place, { isStep = true } = {}): void {
  write({ place, filters: currentRoute().filters }, isStep);
}

/** Change what the list shows, in place. */
export function setFilters(filters: Filters): void {
  write({ place: currentRoute().place, filters }, false);
}

/** Keep the part of the address that a plugin's tab owns; Back steps are the tab's own. */
export function keepView(view: string): void {
  const { place, filters } = currentRoute();
  if (place.page !== "item" || place.tab?.kind !== "plugin") return;
  write({ place: { ...place, tab: { ...place.tab, view } }, filters }, false);
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
