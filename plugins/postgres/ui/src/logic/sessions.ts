import { oneLine, type RowTone, type StatusShape, type Tone } from "@mission-control/plugin-ui";
import type { Session, SessionFilter, SignalResult } from "../api.ts";

export const STATES = ["active", "idle", "idle in transaction", "idle in transaction (aborted)", "fastpath function call"] as const;

export const MIN_DURATIONS: readonly (readonly [ms: number, label: string])[] = [[1000, "1 s"], [5000, "5 s"], [30_000, "30 s"], [300_000, "5 min"], [3_600_000, "1 h"]];

/** How many sessions wait for this one. */
export function blockCount(session: Session): number {
  return Array.isArray(session.blocks) ? session.blocks.length : (session.blocks ?? 0);
}

export function isBlocked(session: Session): boolean {
  return (session.blockedBy?.length ?? 0) > 0;
}

/** Return whether a role may not see this row's state and text. */
export function isHidden(session: Session): boolean {
  return session.visible === false;
}

/** Return shape, colour and word of a state. */
export function stateLook(session: Session): { shape: StatusShape; tone: Tone; label: string } {
  if (isHidden(session)) return { shape: "ring", tone: "neutral", label: "hidden" };
  switch (session.state) {
    case "active":
      return { shape: "dot", tone: "primary", label: "active" };
    case "idle":
      return { shape: "ring", tone: "neutral", label: "idle" };
    case "idle in transaction":
      return { shape: "pause", tone: "warning", label: "idle in transaction" };
    case "idle in transaction (aborted)":
      return { shape: "pause", tone: "destructive", label: "idle in transaction (aborted)" };
    default:
      return { shape: "bar", tone: "neutral", label: session.state || session.backendType || "background" };
  }
}

/** Return how long the session has been at what it does: its query while active, its state otherwise. */
export function ageMs(session: Session): number | undefined {
  if (session.state === "active") return session.durationMs ?? session.stateAgeMs;
  return session.stateAgeMs ?? session.durationMs;
}

/** Return what a session waits for; an idle client that waits for its application waits for nothing. */
export function waitLabel(session: Session): string {
  if (!session.waitEventType || session.waitEventType === "Client" || session.waitEventType === "Activity") return "";
  return session.waitEvent ? `${session.waitEventType}: ${session.waitEvent}` : session.waitEventType;
}

/** Blocked rows stand out, those that block others more so. */
export function sessionTone(session: Session): RowTone | undefined {
  if (blockCount(session) > 0) return "destructive";
  if (isBlocked(session)) return "warning";
  return undefined;
}

function rank(session: Session): number {
  if (blockCount(session) > 0) return isBlocked(session) ? 1 : 0;
  if (isBlocked(session)) return 2;
  if (session.state?.startsWith("idle in transaction")) return 3;
  if (session.state === "active") return 4;
  return session.state === "idle" ? 5 : 6;
}

/** Return rows with what is wrong first: those that block, the blocked, open transactions, then the longest at work. */
export function rankSessions(rows: readonly Session[]): Session[] {
  return [...rows].sort((a, b) => rank(a) - rank(b) || blockCount(b) - blockCount(a) || (ageMs(b) ?? 0) - (ageMs(a) ?? 0) || a.pid - b.pid);
}

/** Return the client as people know it: application first, else where it comes from. */
export function clientLabel(session: Session): string {
  return session.applicationName || session.clientAddr?.replace(/\/(32|128)$/, "") || session.backendType || "";
}

/** Return a query on one line; a role that may not see it is told so. */
export function queryLine(session: Session): string {
  return isHidden(session) ? "not visible to this role" : oneLine(session.query ?? "");
}

/** Read the filters that live in the address. */
export function parseFilter(params: URLSearchParams): SessionFilter {
  const state = params.get("state");
  const minMs = Number(params.get("min") ?? 0);
  return {
    limit: 500,
    ...(params.get("db") ? { database: params.get("db") ?? undefined } : {}),
    ...(params.get("idle") === "1" || state === "idle" ? { includeIdle: true } : {}),
    ...(params.get("background") === "1" ? { includeBackground: true } : {}),
    ...(state ? { states: [state] } : {}),
    ...(minMs > 0 ? { minDurationMs: minMs } : {}),
    ...(params.get("q") ? { search: params.get("q") ?? undefined } : {}),
  };
}

const REASONS: Record<NonNullable<SignalResult["reason"]>, string> = {
  not_found: "it had ended already",
  not_permitted: "this role may not signal it",
  not_client: "it is not a client's session",
  changed: "the pid belongs to another session by now",
  still_running: "the signal was sent, and it still runs",
};

/** Return the outcome of a signal in words. */
export function outcomeText(action: "cancel" | "terminate", result: SignalResult): string {
  if (result.ok) return action === "cancel" ? `Query of pid ${result.pid} cancelled.` : `Session ${result.pid} terminated.`;
  const what = action === "cancel" ? "Not cancelled" : "Not terminated";
  return `${what}: ${result.reason ? REASONS[result.reason] : "the server refused"}.`;
}
