import { callJson, useRead, type Operation } from "@mission-control/plugin-ui";
import { useInfiniteQuery } from "@tanstack/preact-query";
import type { Filters } from "./logic/route.ts";

export interface Me {
  user: string;
  host: string;
  version: string;
}

/** A catalog entry as the list knows it. */
export interface Item {
  id: string;
  name: string;
  type: string;
  namespace?: string;
  health?: string;
  status?: string;
  labels?: Record<string, string>;
  tags?: Record<string, string>;
  source: string;
}

export interface ItemDetail extends Item {
  properties?: Record<string, unknown> | null;
  config?: unknown;
}

export interface PluginTab {
  name: string;
  icon?: string;
  path: string;
  scope?: string;
}

export interface PluginOperation {
  name: string;
  description?: string;
  scope?: string;
  destructive?: boolean;
  required_permissions?: string[];
}

export interface Plugin {
  name: string;
  description?: string;
  version?: string;
  tabs?: PluginTab[] | null;
  operations?: PluginOperation[] | null;
}

export type PluginState = "starting" | "running" | "unhealthy" | "backing_off" | "failed" | "stopped";

export interface PluginStatus {
  id: string;
  name: string;
  namespace?: string;
  source?: string;
  state: PluginState;
  version?: string;
  contract?: string;
  pid?: number;
  restarts: number;
  memoryBytes?: number;
  startedAt?: string;
  lastError?: string;
}

export interface ItemPageAnswer {
  items: Item[];
  total: number;
  nextCursor?: string;
}

const PAGE_SIZE = 500;
/** How soon an ended session is noticed. */
const SESSION_CHECK_MS = 30_000;
const LIST_INTERVAL_MS = 15_000;

function itemsUrl(filters: Filters, limit: number, cursor?: string): string {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [key, value] of Object.entries(filters)) if (value) query.set(key, value);
  if (cursor) query.set("cursor", cursor);
  return `/api/catalog/items?${query}`;
}

export function useMe(): Operation<Me> {
  return useRead<Me>(["me"], (signal) => callJson<Me>("/api/me", { signal }), { intervalMs: SESSION_CHECK_MS });
}

/** The catalog in pages, the next one read when the list is scrolled near its end. */
export function useItems(filters: Filters) {
  return useInfiniteQuery({
    queryKey: ["items", filters],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => callJson<ItemPageAnswer>(itemsUrl(filters, PAGE_SIZE, pageParam), { signal }),
    getNextPageParam: (last) => last.nextCursor || undefined,
    placeholderData: (before) => before,
    refetchInterval: LIST_INTERVAL_MS,
    networkMode: "always",
    retry: false,
  });
}

/** A few items that match a text, for the palette. */
export function useItemSearch(search: string, isEnabled: boolean): Operation<ItemPageAnswer> {
  return useRead<ItemPageAnswer>(["item-search", search], (signal) => callJson<ItemPageAnswer>(itemsUrl({ search }, 12), { signal }), { isEnabled, staleMs: 5000 });
}

export function useItem(id: string): Operation<ItemDetail> {
  return useRead<ItemDetail>(["item", id], (signal) => callJson<ItemDetail>(`/api/catalog/items/${encodeURIComponent(id)}`, { signal }), { intervalMs: LIST_INTERVAL_MS });
}

/** The plugins whose selector matches an item. */
export function usePlugins(id: string): Operation<Plugin[]> {
  return useRead<Plugin[]>(
    ["plugins", id],
    async (signal) => (await callJson<Plugin[] | null>(`/api/plugins?config_id=${encodeURIComponent(id)}`, { signal })) ?? [],
    { intervalMs: LIST_INTERVAL_MS, isEnabled: id !== "" },
  );
}

export function usePluginStatus(intervalMs: number): Operation<PluginStatus[]> {
  return useRead<PluginStatus[]>(["plugin-status"], (signal) => callJson<PluginStatus[]>("/api/plugin-status", { signal }), { intervalMs });
}
