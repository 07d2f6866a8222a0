import { Async, Badge, FieldList, formatAge, formatBytes, formatCount, formatDuration, LiveLine, parseTime, StatusDot, Toolbar } from "@mission-control/plugin-ui";
import { ArrowRight, Database } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { Notes } from "../components/Notes.tsx";
import { formatPercent } from "../logic/percent.ts";
import { useReplication, useWal, type Replication, type Sender, type Slot, type Wal } from "./api.ts";

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="border-b px-3 py-2.5">
      <h2 class="mb-1.5 text-base font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Node({ name, detail, tone }: { name: string; detail?: string; tone: "success" | "warning" | "destructive" }) {
  return (
    <span class="flex min-w-0 items-center gap-2 rounded-panel border bg-card px-3 py-2">
      <Database aria-hidden class="size-4 shrink-0 text-muted-foreground" />
      <span class="min-w-0">
        <span class="block truncate font-medium">{name}</span>
        {detail && <span class="block truncate text-xs text-muted-foreground">{detail}</span>}
      </span>
      <StatusDot shape={tone === "success" ? "dot" : "triangle"} tone={tone} label={tone === "success" ? "streams" : "lags"} />
    </span>
  );
}

function lag(sender: Sender): string {
  const time = sender.replayLagMs ? `, ${formatDuration(sender.replayLagMs)}` : "";
  return sender.replayLagBytes === null ? "lag not visible" : `${formatBytes(sender.replayLagBytes)} behind${time}`;
}

/** Who sends to whom, drawn from left to right. */
function Topology({ data }: { data: Replication }) {
  if (data.role === "standby") {
    const from = data.receiver ? `${data.receiver.senderHost ?? "its primary"}${data.receiver.senderPort ? `:${String(data.receiver.senderPort)}` : ""}` : "no sender";
    return (
      <div class="flex flex-wrap items-center gap-2">
        <Node name={from} detail={data.receiver?.slot && `slot ${data.receiver.slot}`} tone={data.receiver ? "success" : "destructive"} />
        <ArrowRight aria-hidden class="size-4 text-muted-foreground" />
        <Node name="this standby" detail={data.receiver?.replayLagBytes === undefined ? undefined : `${formatBytes(data.receiver.replayLagBytes)} to replay`} tone={data.recovery?.isPaused ? "warning" : "success"} />
      </div>
    );
  }
  if (data.senders.length === 0) return <p class="text-muted-foreground">No standby is connected.</p>;
  return (
    <div class="flex flex-wrap items-center gap-2">
      <Node name="this primary" detail={data.currentLsn} tone="success" />
      <ArrowRight aria-hidden class="size-4 text-muted-foreground" />
      <ul class="flex min-w-0 flex-col gap-1.5">
        {data.senders.map((sender) => (
          <li key={sender.pid}>
            <Node name={sender.applicationName || `pid ${String(sender.pid)}`} detail={[sender.state, sender.syncState, lag(sender)].filter(Boolean).join(" · ")} tone={sender.state === "streaming" ? "success" : "warning"} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function SlotLine({ slot }: { slot: Slot }) {
  const isBad = slot.invalidationReason !== undefined || slot.walStatus === "lost";
  const since = parseTime(slot.inactiveSince ?? null);
  return (
    <li class="flex flex-wrap items-center gap-x-2 gap-y-0.5 border-b py-1 last:border-b-0">
      <StatusDot shape={slot.active ? "dot" : isBad ? "diamond" : "triangle"} tone={slot.active ? "success" : isBad ? "destructive" : "warning"} label={slot.active ? "active" : "inactive"} />
      <span class="font-medium">{slot.name}</span>
      <Badge>{slot.type}{slot.plugin && ` ${slot.plugin}`}</Badge>
      {slot.walStatus && <Badge tone={isBad ? "destructive" : slot.walStatus === "reserved" ? "neutral" : "warning"}>{slot.walStatus}</Badge>}
      {slot.invalidationReason && <span class="text-destructive">{slot.invalidationReason}</span>}
      <span class="ml-auto text-muted-foreground tabular-nums">
        {slot.retainedBytes === null ? "" : `keeps ${formatBytes(slot.retainedBytes)} of WAL`}
        {since && ` · unused for ${formatAge(Date.now() - since.getTime())}`}
      </span>
    </li>
  );
}

function walFields(wal: Wal) {
  const checkpoints = (wal.checkpoints?.timed ?? 0) + (wal.checkpoints?.requested ?? 0);
  const archived = parseTime(wal.archiver?.lastArchivedAt ?? null);
  return [
    { name: "level", value: wal.walLevel ?? "" },
    { name: "written", value: wal.walBytesPerS === undefined ? "" : `${formatBytes(wal.walBytesPerS)}/s` },
    { name: "on disk", value: wal.walDirectoryBytes === undefined ? "" : formatBytes(wal.walDirectoryBytes) },
    { name: "archiving", value: wal.archiver?.isFailing ? <span class="text-destructive">fails at {wal.archiver.lastFailed}</span> : (wal.archiver?.mode ?? "") },
    { name: "last archived", value: archived ? formatAge(Date.now() - archived.getTime()) : "" },
    { name: "checkpoints", value: checkpoints ? `${formatCount(checkpoints)}, ${formatPercent((100 * (wal.checkpoints?.requested ?? 0)) / checkpoints)} of them forced` : "" },
  ].filter((field) => field.value !== "");
}

/** Senders, receivers, slots and the write-ahead log behind them. */
export function ReplicationTab() {
  const replication = useReplication();
  const wal = useWal();
  return (
    <>
      <Toolbar lead={<span class="text-muted-foreground">{replication.data?.role}</span>} end={<LiveLine of={replication} />} />
      <Async of={replication} what="the replication">
        {(data) => (
          <div class="min-h-0 flex-1 overflow-auto">
            <Notes of={data} />
            <Section title="Streaming">
              <Topology data={data} />
              {data.recovery?.isPaused && <p class="mt-2 text-warning-text">Replay is paused.</p>}
            </Section>
            <Section title="Slots">
              {data.slots.length === 0 ? <p class="text-muted-foreground">There are none.</p> : <ul>{data.slots.map((slot) => <SlotLine key={slot.name} slot={slot} />)}</ul>}
            </Section>
            {((data.publications?.length ?? 0) > 0 || (data.subscriptions?.length ?? 0) > 0) && (
              <Section title="Logical replication">
                <ul class="flex flex-col gap-1">
                  {data.publications?.map((one) => <li key={one.name}>publishes <span class="font-medium">{one.name}</span>: {one.allTables ? "all tables" : `${String(one.tables ?? 0)} tables`}</li>)}
                  {data.subscriptions?.map((one) => <li key={one.name}>subscribes to <span class="font-medium">{one.name}</span>{!one.enabled && ", disabled"}{one.applyErrors ? `, ${String(one.applyErrors)} errors` : ""}</li>)}
                </ul>
              </Section>
            )}
            {wal.data && (
              <Section title="Write-ahead log">
                <FieldList fields={walFields(wal.data)} />
                <Notes of={wal.data} />
              </Section>
            )}
            {Object.entries(data.unknown ?? {}).map(([name, reason]) => (
              <p key={name} class="px-3 py-1 text-xs text-muted-foreground">
                {name}: {reason}
              </p>
            ))}
          </div>
        )}
      </Async>
    </>
  );
}
