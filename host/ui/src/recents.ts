import { readPreference, writePreference } from "@mission-control/plugin-ui";
import { addRecent, readRecent, type RecentEntry } from "./logic/recent.ts";

const KEY = "mc.shell.recent";

export function storedRecents(): RecentEntry[] {
  return readRecent(readPreference<unknown>(KEY, []));
}

/** Remember something as just used, in this browser. */
export function rememberRecent(entry: RecentEntry): void {
  writePreference(KEY, addRecent(storedRecents(), entry));
}
