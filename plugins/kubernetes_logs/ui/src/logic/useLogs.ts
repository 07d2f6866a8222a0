import { parsePageLocation, readPreference, usePreference } from "@mission-control/plugin-ui";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { FromWorker, Rule, SourceInfo, StreamStatus } from "../protocol.ts";
import { LogClient } from "./logClient.ts";
import type { StampStyle } from "./stamps.ts";

export type Summary = Omit<Extract<FromWorker, { type: "summary" }>, "type">;

export interface Notice extends Rule {
  code: string;
}

const NOTHING: Summary = { rows: 0, held: 0, dropped: 0, forgotten: 0, since: "", levels: [0, 0, 0, 0, 0, 0, 0], hits: 0, histogram: null, badPattern: "" };
const STARTING: StreamStatus = { state: "connecting", reason: "", hint: "", command: "", retryAtMs: 0, status: 0 };
/** Somebody who ticks one box often ticks the next one too. */
const CHOSEN_MS = 500;
const HIDDEN_MS = 60_000;
const MOST_NOTICES = 20;

export interface Logs {
  client: LogClient;
  status: StreamStatus;
  summary: Summary;
  sources: SourceInfo[];
  notices: Notice[];
  dismiss: (notice: Notice) => void;
}

function streamUrl(): string {
  const { base, plugin, itemId } = parsePageLocation(window.location);
  return `${base}/api/plugins/${encodeURIComponent(plugin)}/proxy/logs?config_id=${encodeURIComponent(itemId)}`;
}

/** Keep a stream open in a worker, without the sources that are not wanted; what it knows, as the page draws it. */
export function useLogs(params: Record<string, unknown>, excluded: readonly string[], isVisible: boolean): Logs {
  const [client] = useState(() => new LogClient());
  const [status, setStatus] = useState(STARTING);
  const [summary, setSummary] = useState(NOTHING);
  const [sources, setSources] = useState<SourceInfo[]>([]);
  const [notices, setNotices] = useState<Notice[]>([]);
  useEffect(
    () =>
      client.listen((message) => {
        if (message.type === "status") setStatus(message.status);
        else if (message.type === "summary") setSummary(message);
        else if (message.type === "sources") setSources(message.sources);
        else if (message.type === "notice") {
          const notice = { ...message.rule, code: message.code };
          setNotices((before) => [...before.filter((one) => one.code !== notice.code || one.text !== notice.text), notice].slice(-MOST_NOTICES));
        }
      }),
    [client],
  );
  const name = JSON.stringify(params);
  const latest = useRef(excluded);
  latest.current = excluded;
  useEffect(() => {
    setNotices([]);
    client.send({ type: "open", url: streamUrl(), params: JSON.parse(name) as Record<string, unknown>, excluded: [...latest.current] });
  }, [client, name]);
  const choice = JSON.stringify(excluded);
  useEffect(() => {
    const timer = window.setTimeout(() => client.send({ type: "narrow", excluded: JSON.parse(choice) as string[] }), CHOSEN_MS);
    return () => window.clearTimeout(timer);
  }, [client, choice]);
  useHiddenClose(client, isVisible);
  useEffect(() => () => client.close(), [client]);
  const dismiss = (notice: Notice) => setNotices((before) => before.filter((one) => one !== notice));
  return { client, status, summary, sources, notices, dismiss };
}

/** A tab that nobody sees closes its stream after a minute, and goes on where it was. */
function useHiddenClose(client: LogClient, isVisible: boolean): void {
  const timer = useRef(0);
  const [isShown, setShown] = useState(!document.hidden);
  useEffect(() => {
    const follow = () => setShown(!document.hidden);
    document.addEventListener("visibilitychange", follow);
    return () => document.removeEventListener("visibilitychange", follow);
  }, []);
  const isSeen = isShown && isVisible;
  useEffect(() => {
    if (isSeen) client.send({ type: "resume" });
    else timer.current = window.setTimeout(() => client.send({ type: "suspend" }), HIDDEN_MS);
    return () => window.clearTimeout(timer.current);
  }, [client, isSeen]);
}

export interface Look {
  isWrapped: boolean;
  stamps: StampStyle;
  isPretty: boolean;
  hasHistogram: boolean;
}

export interface SavedFilter {
  name: string;
  /** The view's part of the address. */
  params: string;
}

/** How lines look, remembered. */
export function useLook(isNarrow: boolean): [Look, (changes: Partial<Look>) => void] {
  const fallback = useMemo<Look>(() => ({ isWrapped: isNarrow, stamps: "local", isPretty: true, hasHistogram: true }), [isNarrow]);
  const [look, setLook] = usePreference<Partial<Look>>("mc.klogs.look", readPreference("mc.klogs.look", {}));
  return [{ ...fallback, ...look }, (changes) => setLook({ ...look, ...changes })];
}
