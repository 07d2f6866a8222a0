import { formatBytes, formatCount, formatDuration, formatExactTime, formatTime, parseTime, type Field } from "@mission-control/plugin-ui";
import type { Session } from "../api.ts";
import { waitLabel } from "./sessions.ts";

function timed(name: string, text: string | undefined, ageMs: number | undefined): Field {
  const time = parseTime(text);
  const age = ageMs === undefined ? "" : ` (${formatDuration(ageMs)})`;
  return { name, value: time ? `${formatTime(time)}${age}` : undefined, title: formatExactTime(time) };
}

/** Return the known fields of a session in reading order. */
export function sessionFields(session: Session): Field[] {
  const fields: Field[] = [
    { name: "user", value: session.user },
    { name: "database", value: session.database },
    { name: "application", value: session.applicationName },
    { name: "client", value: session.clientAddr?.replace(/\/(32|128)$/, "") ?? (session.backendType === "client backend" ? "local socket" : undefined) },
    { name: "kind", value: session.backendType },
    { name: "waiting on", value: waitLabel(session) || undefined, title: session.waitDescription },
    { name: "that is", value: waitLabel(session) ? session.waitDescription : undefined },
    timed("query since", session.queryStart, session.durationMs),
    timed("state since", session.stateChange, session.stateAgeMs),
    timed("transaction since", session.xactStart, session.xactAgeMs),
    timed("connected since", session.backendStart, undefined),
    { name: "leader", value: session.leaderPid && `pid ${session.leaderPid}` },
    { name: "query id", value: session.queryId === undefined ? undefined : String(session.queryId) },
    { name: "xmin age", value: session.xminAge === undefined ? undefined : formatCount(session.xminAge) },
    { name: "CPU", value: session.process && [session.process.cpuPct === undefined ? "" : `${String(session.process.cpuPct)} % now, `, formatDuration(session.process.cpuMs), " in all"].join("") },
    { name: "memory", value: session.process && formatBytes(session.process.rssBytes), title: "resident, shared buffers included" },
    { name: "read", value: session.process?.readBytes === undefined ? undefined : formatBytes(session.process.readBytes), title: "from storage since it connected" },
    { name: "written", value: session.process?.writeBytes === undefined ? undefined : formatBytes(session.process.writeBytes), title: "to storage since it connected" },
    { name: "encrypted", value: session.ssl === undefined ? undefined : session.ssl ? "yes, TLS" : "no" },
  ];
  return fields.filter((field) => field.value !== undefined && field.value !== "");
}
