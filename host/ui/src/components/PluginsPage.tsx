import { Async, CommandLine, DataTable, formatAge, formatBytes, formatExactTime, LiveLine, Message, parseTime, SidePanel, type Column, type Sort } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import { usePluginStatus, type PluginStatus } from "../api.ts";
import { lazyPart } from "../lazyPart.tsx";
import { go } from "../navigation.ts";
import { PluginState } from "./PluginState.tsx";
import { Problems } from "./Problems.tsx";

const PluginDetails = lazyPart(async () => (await import("./PluginDetails.tsx")).PluginDetails);

const startedAt = (plugin: PluginStatus) => parseTime(plugin.startedAt);

const COLUMNS: Column<PluginStatus>[] = [
  { id: "name", header: "Plugin", value: (p) => p.name, width: 11, narrow: "title", cell: (p) => <span class="font-medium">{p.name}</span> },
  { id: "state", header: "State", value: (p) => p.state, width: 8, narrow: "figure", cell: (p) => <PluginState plugin={p} /> },
  { id: "version", header: "Version", value: (p) => p.version, width: 8, narrow: "detail" },
  { id: "memory", header: "Memory", value: (p) => p.memoryBytes, width: 6, isNumeric: true, narrow: "detail", cell: (p) => p.memoryBytes !== undefined && formatBytes(p.memoryBytes), title: (p) => p.memoryBytes?.toLocaleString() },
  { id: "restarts", header: "Restarts", value: (p) => p.restarts, width: 5.5, isNumeric: true },
  { id: "started", header: "Started", value: (p) => startedAt(p)?.getTime(), width: 7, isNumeric: true, cell: (p) => { const at = startedAt(p); return at && formatAge(Date.now() - at.getTime()); }, title: (p) => formatExactTime(startedAt(p)) },
  { id: "pid", header: "pid", value: (p) => p.pid, width: 5, isNumeric: true },
  { id: "contract", header: "Contract", value: (p) => p.contract, width: 7 },
  { id: "error", header: "Last error", value: (p) => p.lastError, title: (p) => p.lastError, narrow: "detail", cell: (p) => p.lastError && <span class={p.state === "running" ? "text-muted-foreground" : "text-destructive"}>{p.lastError}</span> },
];

/** State, version, memory, restarts, contract and last error of every plugin. */
export function PluginsPage({ selected }: { selected: string | undefined }) {
  const status = usePluginStatus(2000);
  const [sort, setSort] = useState<Sort | null>({ column: "name", isDescending: false });
  const select = (name: string | null) => go(name === null ? { page: "plugins" } : { page: "plugins", selected: name }, { isStep: selected === undefined || name === null });
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
      <Problems />
      <Async of={status} what="the plugins" isEmpty={(plugins) => plugins.length === 0} empty={empty}>
        {(plugins) => {
          // A name may be taken in several namespaces; the id is always right.
          const chosen = plugins.find((plugin) => plugin.id === selected || plugin.name === selected);
          const addressOf = (id: string | null) => {
            const plugin = plugins.find((one) => one.id === id);
            return plugin && plugins.filter((one) => one.name === plugin.name).length === 1 ? plugin.name : id;
          };
          return (
            <div class="flex min-h-0 flex-1">
              <DataTable
                id="plugins"
                label="Plugins"
                columns={COLUMNS}
                rows={plugins}
                keyOf={(plugin) => plugin.id}
                sort={{ value: sort, onChange: setSort }}
                selection={{ value: chosen?.id ?? null, onChange: (id) => select(addressOf(id)) }}
                tone={(plugin) => (plugin.state === "failed" ? "destructive" : plugin.state === "running" ? undefined : "warning")}
              />
              {selected !== undefined && !chosen && (
                <SidePanel title={selected} label={`Plugin ${selected}`} onClose={() => select(null)}>
                  <Message title={`${selected} is not here`}>No plugin of this name is declared.</Message>
                </SidePanel>
              )}
              {chosen && <PluginDetails key={chosen.id} plugin={chosen} onClose={() => select(null)} />}
            </div>
          );
        }}
      </Async>
    </div>
  );
}
