import { classes, formatDuration, StatusDot, type Column } from "@mission-control/plugin-ui";
import type { Session } from "../api.ts";
import { ageMs, blockCount, clientLabel, isBlocked, isHidden, queryLine, stateLook, waitLabel } from "../logic/sessions.ts";
import { BlockerLinks } from "./BlockerLinks.tsx";

function Pid({ session }: { session: Session }) {
  const blocks = blockCount(session);
  return (
    <span class="flex items-center gap-1.5 font-medium tabular-nums">
      {blocks > 0 && <StatusDot shape="diamond" tone="destructive" label={`blocks ${blocks}`} />}
      {blocks === 0 && isBlocked(session) && <StatusDot shape="triangle" tone="warning" label="blocked" />}
      {session.pid}
    </span>
  );
}

function State({ session }: { session: Session }) {
  const look = stateLook(session);
  return (
    <span class="flex items-center gap-1.5">
      <StatusDot {...look} />
      <span class="truncate">{look.label.replace("idle in transaction", "idle in xact")}</span>
    </span>
  );
}

const CPU: Column<Session> = { id: "cpu", header: "CPU", value: (s) => s.process?.cpuPct, width: 4.5, isNumeric: true, title: () => "of one core, since the look before", cell: (s) => s.process?.cpuPct !== undefined && `${s.process.cpuPct.toFixed(0)} %` };

/** Columns of the sessions table; a click on a blocker goes to it. What processes use is known on the server's machine only. */
export function sessionColumns(onJump: (pid: number) => void, hasProcesses: boolean): Column<Session>[] {
  return [
    { id: "pid", header: "pid", value: (s) => s.pid, width: 5, narrow: "title", cell: (s) => <Pid session={s} /> },
    { id: "state", header: "State", value: (s) => stateLook(s).label, width: 6.75, narrow: "detail", title: (s) => stateLook(s).label, cell: (s) => <State session={s} /> },
    {
      id: "age", header: "For", value: ageMs, width: 5.25, isNumeric: true, narrow: "figure",
      cell: (s) => (ageMs(s) === undefined ? null : formatDuration(ageMs(s))),
      title: (s) => (s.xactAgeMs === undefined ? undefined : `transaction open for ${formatDuration(s.xactAgeMs)}`),
    },
    ...(hasProcesses ? [CPU] : []),
    { id: "wait", header: "Waiting on", value: waitLabel, width: 9, title: (s) => s.waitDescription ?? waitLabel(s), cell: (s) => waitLabel(s) && <span class={classes(s.waitEventType === "Lock" && "text-warning-text")}>{waitLabel(s)}</span> },
    { id: "blockedBy", header: "Blocked by", value: (s) => s.blockedBy?.[0], width: 6, narrow: "detail", cell: (s) => isBlocked(s) && <BlockerLinks pids={s.blockedBy ?? []} onJump={onJump} /> },
    { id: "blocks", header: "Blocks", value: (s) => blockCount(s) || null, width: 4, isNumeric: true, cell: (s) => blockCount(s) > 0 && <span class="font-medium text-destructive">{blockCount(s)}</span> },
    { id: "user", header: "User", value: (s) => s.user, width: 5, narrow: "title", title: (s) => s.user },
    { id: "database", header: "Database", value: (s) => s.database, width: 5.5, title: (s) => s.database },
    { id: "client", header: "Client", value: clientLabel, width: 5.75, title: (s) => [s.applicationName, s.clientAddr, s.backendType].filter(Boolean).join(" · ") },
    { id: "xact", header: "Transaction", value: (s) => s.xactAgeMs, width: 6, isNumeric: true, isHidden: true, cell: (s) => s.xactAgeMs !== undefined && formatDuration(s.xactAgeMs) },
    { id: "query", header: "Query", value: queryLine, title: (s) => (isHidden(s) ? undefined : s.query), narrow: "detail", cell: (s) => <span class={classes("font-mono text-xs", (isHidden(s) || s.state !== "active") && "text-muted-foreground", isHidden(s) && "italic")}>{queryLine(s)}</span> },
  ];
}
