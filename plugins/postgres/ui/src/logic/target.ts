import type { Instance, Stats } from "../api.ts";

/** Return `16.4` from a version number, else from the text of `version()`. */
export function versionLabel(instance: Instance): string {
  const number = instance.serverVersionNum;
  if (number && number >= 100_000) return `${Math.floor(number / 10_000)}.${number % 10_000}`;
  return /PostgreSQL (\S+)/.exec(instance.productVersion ?? "")?.[1] ?? "";
}

/** Return the server's address without the mask that `inet` text carries; empty on a local socket. */
export function serverHost(instance: Instance | undefined): string {
  return instance?.serverName?.replace(/\/\d+$/, "") ?? "";
}

/** Return `role@host:port/db`, as far as it is known; a server without an address is a local socket. */
export function targetLabel(stats: Stats): string {
  if (typeof stats.target === "string") return stats.target;
  const { user, port, databaseName } = stats.instance ?? {};
  const host = serverHost(stats.instance) || "local socket";
  const place = `${user ? `${user}@` : ""}${host.includes(":") ? `[${host}]` : host}${port ? `:${port}` : ""}`;
  return databaseName ? `${place}/${databaseName}` : place;
}

/** Return whether the server was reached by the plugin's default connection and not by one of the item's own. */
export function isFallback(stats: Stats): boolean {
  return typeof stats.target === "object" && stats.target.isFallback === true;
}

/** Return what the tab says about its server at the right. */
export function serverLabel(stats: Stats): string {
  const instance = stats.instance;
  if (!instance) return typeof stats.target === "string" ? stats.target : "";
  const role = instance.inRecovery === undefined ? "" : instance.inRecovery ? "standby" : "primary";
  const version = [versionLabel(instance), role].filter(Boolean).join(" ");
  return [targetLabel(stats), version].filter(Boolean).join(" · ");
}
