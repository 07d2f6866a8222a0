import { callJson, useRead, type Operation } from "@mission-control/plugin-ui";
import { infiniteQueryOptions, useInfiniteQuery, useQueryClient } from "@tanstack/preact-query";
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
  /** JSON Schema of the params; `x-stream: true` marks a stream of lines. */
  params_schema?: Record<string, unknown>;
  result_mime?: string;
  scope?: string;
  destructive?: boolean;
  required_permissions?: string[];
  http?: { method: string }[];
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
  /** Where an upgrade would come from; absent when there is none to be had here. */
  installedFrom?: string;
}

/** Something that was done to an item; equal ones within an hour are one with a count. */
export interface Change {
  id: string;
  changeType: string;
  summary: string;
  createdBy: string;
  createdAt: string;
  firstAt: string;
  count: number;
  details?: Record<string, unknown>;
}

export interface UpgradeAnswer {
  plugin: string;
  previousVersion: string;
  resolvedVersion: string;
  restarted: boolean;
}

export interface ItemPageAnswer {
  items: Item[];
  total: number;
  nextCursor?: string;
}

/** How many items have each value; tags are `key=value` of tags and labels, the most frequent first. */
export interface Facets {
  types: Record<string, number>;
  namespaces: Record<string, number>;
  healths: Record<string, number>;
  tags: Record<string, number>;
}

/** Something that could not be read or applied, or a source that is unwell. */
export interface Problem {
  source: string;
  problem: string;
}

/** One record of what a plugin wrote. */
export interface LogRecord {
  at: string;
  level: string;
  message: string;
  fields?: Record<string, unknown>;
}

const PAGE_SIZE = 500;
const FACETS_FOR_MS = 10_000;
/** How soon an ended session is noticed. */
const SESSION_CHECK_MS = 30_000;
const LIST_INTERVAL_MS = 15_000;

function itemsUrl(filters: Filters, limit: number, cursor?: string): string {
  const query = new URLSearchParams({ limit: String(limit) });
  const { tag, ...named } = filters;
  for (const [key, value] of Object.entries(named)) if (value) query.set(key, value);
  for (const one of tag?.split(",") ?? []) if (one.trim()) query.append("tag", one.trim());
  if (cursor) query.set("cursor", cursor);
  return `/api/catalog/items?${query}`;
}

export function useMe(): Operation<Me> {
  return useRead<Me>(["me"], (signal) => callJson<Me>("/api/me", { signal }), { intervalMs: SESSION_CHECK_MS });
}

function itemsQuery(filters: Filters) {
  return infiniteQueryOptions({
    queryKey: ["items", filters],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => callJson<ItemPageAnswer>(itemsUrl(filters, PAGE_SIZE, pageParam), { signal }),
    getNextPageParam: (last: ItemPageAnswer) => last.nextCursor || undefined,
    networkMode: "always",
    retry: false,
  });
}

/** The catalog in pages, the next one read when the list is scrolled near its end. */
export function useItems(filters: Filters) {
  return useInfiniteQuery({ ...itemsQuery(filters), placeholderData: (before) => before, refetchInterval: LIST_INTERVAL_MS });
}

/** Ask for items before the list is drawn anew for them: typing sees its answer a frame earlier. Questions that nobody waits for end. */
export function useItemsAhead(): (filters: Filters) => void {
  const cache = useQueryClient();
  return (filters) => {
    void cache.cancelQueries({ queryKey: ["items"], type: "inactive" });
    void cache.prefetchInfiniteQuery(itemsQuery(filters));
  };
}

/** What the whole catalog can be narrowed to: read when somebody is about to choose. */
export function useFacets(isEnabled: boolean): Operation<Facets> {
  return useRead<Facets>(["facets"], (signal) => callJson<Facets>("/api/catalog/facets", { signal }), { isEnabled, staleMs: FACETS_FOR_MS });
}

/** A few items that match a text, for the palette. */
export function useItemSearch(search: string, isEnabled: boolean): Operation<ItemPageAnswer> {
  return useRead<ItemPageAnswer>(["item-search", search], (signal) => callJson<ItemPageAnswer>(itemsUrl({ search }, 12), { signal }), { isEnabled, staleMs: 5000 });
}

export function useItem(id: string, isEnabled = true): Operation<ItemDetail> {
  return useRead<ItemDetail>(["item", id], (signal) => callJson<ItemDetail>(`/api/catalog/items/${encodeURIComponent(id)}`, { signal }), { intervalMs: LIST_INTERVAL_MS, isEnabled });
}

/** The plugins whose selector matches an item. */
export function usePlugins(id: string): Operation<Plugin[]> {
  return useRead<Plugin[]>(
    ["plugins", id],
    async (signal) => (await callJson<Plugin[] | null>(`/api/plugins?config_id=${encodeURIComponent(id)}`, { signal })) ?? [],
    { intervalMs: LIST_INTERVAL_MS, isEnabled: id !== "" },
  );
}

/** All running plugins with what they offer, whatever the item. */
export function useAllPlugins(isEnabled = true): Operation<Plugin[]> {
  return useRead<Plugin[]>(["plugins"], async (signal) => (await callJson<Plugin[] | null>("/api/plugins", { signal })) ?? [], { intervalMs: LIST_INTERVAL_MS, isEnabled });
}

/** The newest records of a plugin's output, oldest first. */
export function usePluginLog(plugin: string, intervalMs: number): Operation<LogRecord[]> {
  return useRead<LogRecord[]>(["plugin-log", plugin], (signal) => callJson<LogRecord[]>(`/api/plugins/${encodeURIComponent(plugin)}/logs`, { signal }), { intervalMs });
}

/** What is wrong with the host's sources and resources; only those who manage plugins may know. */
export function useProblems(intervalMs: number): Operation<Problem[]> {
  return useRead<Problem[]>(["problems"], (signal) => callJson<Problem[]>("/api/problems", { signal }), { intervalMs });
}

/** What was done to an item, the newest first. */
export function useChanges(id: string): Operation<Change[]> {
  return useRead<Change[]>(["changes", id], (signal) => callJson<Change[]>(`/api/catalog/items/${encodeURIComponent(id)}/changes`, { signal }), { intervalMs: LIST_INTERVAL_MS });
}

export function upgradePlugin(id: string): Promise<UpgradeAnswer> {
  return callJson<UpgradeAnswer>(`/api/plugins/${encodeURIComponent(id)}/upgrade`, { method: "POST" });
}

export function usePluginStatus(intervalMs: number): Operation<PluginStatus[]> {
  return useRead<PluginStatus[]>(["plugin-status"], (signal) => callJson<PluginStatus[]>("/api/plugin-status", { signal }), { intervalMs });
}
