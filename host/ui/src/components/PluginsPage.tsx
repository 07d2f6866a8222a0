import {
  Async, CommandLine, DataTable, FieldList, formatAge, formatBytes, formatExactTime, LiveLine, Message, parseTime, SidePanel, StatusDot,
  type Column, type Sort, type StatusShape, type Tone,
} from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import { usePluginStatus, type PluginState, type PluginStatus } from "../api.ts";

const STATES: Record<PluginState, { shape: StatusShape; tone: Tone; word: string }> = {
  running: { shape: "dot", tone: "success", word: "running" },
  starting: { shape: "ring", tone: "info", word: "starting" },
  unhealthy: { shape: "triangle", tone: "warning", word: "unhealthy" },
  backing_off: { shape: "triangle", tone: "warning", word: "backing off" },
  failed: { shape: "diamond", tone: "destructive", word: "failed" },
  stopped: { shape: "bar", tone: "neutral", word: "stopped" },
};

function State({ plugin }: { plugin: PluginStatus }) {
  const look = STATES[plugin.state] ?? { shape: "ring", tone: "neutral", word: plugin.state };
  return (
    <span class="flex items-center gap-1.5">
      <StatusDot {...look} label={look.word} />
      {look.word}
    </span>
  );
}

const startedAt = (plugin: PluginStatus) => parseTime(plugin.startedAt);

const COLUMNS: Column<PluginStatus>[] = [
  { id: "name", header: "Plugin", value: (p) => p.name, width: 11, narrow: "title", cell: (p) => <span class="font-medium">{p.name}</span> },
  { id: "state", header: "State", value: (p) => p.state, width: 8, narrow: "figure", cell: (p) => <State plugin={p} /> },
  { id: "version", header: "Version", value: (p) => p.version, width: 8, narrow: "detail" },
  { id: "memory", header: "Memory", value: (p) => p.memoryBytes, width: 6, isNumeric: true, narrow: "detail", cell: (p) => p.memoryBytes !== undefined && formatBytes(p.memoryBytes), title: (p) => p.memoryBytes?.toLocaleString() },
  { id: "restarts", header: "Restarts", value: (p) => p.restarts, width: 5.5, isNumeric: true },
  { id: "started", header: "Started", value: (p) => startedAt(p)?.getTime(), width: 7, isNumeric: true, cell: (p) => { const at = startedAt(p); return at && formatAge(Date.now() - at.getTime()); }, title: (p) => formatExactTime(startedAt(p)) },
  { id: "pid", header: "pid", value: (p) => p.pid, width: 5, isNumeric: true },
  { id: "contract", header: "Contract", value: (p) => p.contract, width: 7 },
  { id: "error", header: "Last error", value: (p) => p.lastError, title: (p) => p.lastError, narrow: "detail", cell: (p) => p.lastError && <span class={p.state === "running" ? "text-muted-foreground" : "text-destructive"}>{p.lastError}</span> },
];

function Details({ plugin, onClose }: { plugin: PluginStatus; onClose: () => void }) {
  const fields = [
    { name: "state", value: <State plugin={plugin} /> },
    { name: "namespace", value: plugin.namespace },
    { name: "source", value: plugin.source },
    { name: "version", value: plugin.version },
    { name: "contract", value: plugin.contract },
    { name: "pid", value: plugin.pid },
    { name: "restarts", value: plugin.restarts },
    { name: "memory", value: plugin.memoryBytes === undefined ? undefined : formatBytes(plugin.memoryBytes) },
    { name: "started", value: plugin.startedAt && formatExactTime(startedAt(plugin)) },
  ].filter((field) => field.value !== undefined && field.value !== "");
  return (
    <SidePanel title={plugin.name} label={`Plugin ${plugin.name}`} onClose={onClose}>
      <div class="flex flex-col gap-3 p-3">
        <FieldList fields={fields} />
        {plugin.lastError && (
          <div class="flex flex-col gap-1">
            <h3 class="text-muted-foreground">last error</h3>
            <pre class="overflow-x-auto rounded-control bg-muted p-2 font-mono text-xs whitespace-pre-wrap">{plugin.lastError}</pre>
          </div>
        )}
      </div>
    </SidePanel>
  );
}

/** State, version, memory, restarts, contract and last error of every plugin. */
export function PluginsPage() {
  const status = usePluginStatus(2000);
  const [sort, setSort] = useState<Sort | null>({ column: "name", isDescending: false });
  const [selected, setSelected] = useState<string | null>(null);
  const empty = (
    <Message title="No plugins installed">
      <p>Install one from its file, then it appears here:</p>
      <CommandLine text="mission-control plugin install dist/postgres" />
    </Message>
  );
  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <div class="flex h-11 shrink-0 items-center justify-between border-b bg-card px-4 narrow:px-3">
        <h1 class="text-lg font-semibold">Plugins</h1>
        <LiveLine of={status} />
      </div>
      <Async of={status} what="the plugins" isEmpty={(plugins) => plugins.length === 0} empty={empty}>
        {(plugins) => {
          const chosen = plugins.find((plugin) => plugin.id === selected);
          return (
            <div class="flex min-h-0 flex-1">
              <DataTable
                id="plugins"
                label="Plugins"
                columns={COLUMNS}
                rows={plugins}
                keyOf={(plugin) => plugin.id}
                sort={{ value: sort, onChange: setSort }}
                selection={{ value: selected, onChange: setSelected }}
                tone={(plugin) => (plugin.state === "failed" ? "destructive" : plugin.state === "running" ? undefined : "warning")}
              />
              {chosen && <Details plugin={chosen} onClose={() => setSelected(null)} />}
            </div>
          );
        }}
      </Async>
    </div>
  );
}
