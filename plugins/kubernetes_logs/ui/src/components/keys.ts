import type { KeyList } from "@mission-control/plugin-ui";

/** The keys of the page. */
export const KEYS: KeyList = [
  ["/", "search"],
  ["n Shift-N", "next, previous hit"],
  ["j k", "next, previous line"],
  ["Enter", "open the line"],
  ["Shift-Enter", "on a level: only this one (or Alt-click)"],
  ["Home End", "first line, last line (follows)"],
  ["p", "pause or resume"],
  ["m", "set a mark"],
  ["x", "clear the list"],
  ["w", "wrap lines"],
  ["t", "times: local, UTC, age, none"],
  ["h", "histogram"],
  ["v", "patterns or lines"],
  ["d", "download"],
  ["Esc", "close; all times again"],
  ["Ctrl-K", "search everywhere"],
];
