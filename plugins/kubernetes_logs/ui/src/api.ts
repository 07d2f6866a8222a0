import { useOperation, type Operation } from "@mission-control/plugin-ui";
import type { WireEvent, WireRow } from "./protocol.ts";

/** Why a container died, in words and in its last lines. */
export interface ContainerDeath {
  namespace: string;
  pod: string;
  container: string;
  exitCode?: number;
  signal?: number;
  reason: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
  restarts: number;
  explanation: string;
  lastLines: WireRow[];
  events: WireEvent[];
}

export interface Revision {
  revision: string;
  replicaSet: string;
  isNew: boolean;
  desired: number;
  ready: number;
  available: number;
  images: string[];
  createdAt: string;
  pods: string[];
}

export interface Rollout {
  inProgress: boolean;
  revisions: Revision[];
  message?: string;
}

export interface LogContext {
  rows: WireRow[];
  index: number;
  complete: boolean;
}

/** Which container, as operations take it. */
export interface ContainerPlace {
  namespace: string;
  pod: string;
  container: string;
}

const ROLLOUT_MS = 10_000;

export function useRollout(): Operation<Rollout> {
  return useOperation<Rollout>("rollout", {}, { intervalMs: ROLLOUT_MS });
}

export function useDeath(place: ContainerPlace): Operation<ContainerDeath> {
  return useOperation<ContainerDeath>("container-death", { ...place });
}

const TEXT_CHARS = 200;

/** Lines around one; its text tells it from others of its stamp, and finds it where lines have no stamp. */
export function useLogContext(place: ContainerPlace, stamp: string, text: string, count: number, isEnabled: boolean): Operation<LogContext> {
  const begin = text.slice(0, TEXT_CHARS).split("\ufffd")[0] ?? ""; // bytes that were no text are not known here
  return useOperation<LogContext>("log-context", { ...place, stamp, text: begin, before: count, after: count }, { isEnabled, staleMs: 60_000 });
}
