import { Async, Badge, CopyButton, FieldList, formatAge, formatBytes, formatExactTime, parseTime, SidePanel } from "@mission-control/plugin-ui";
import { useAllPlugins, type PluginStatus } from "../api.ts";
import { OperationList } from "./OperationList.tsx";
import { PluginLog } from "./PluginLog.tsx";
import { PluginState } from "./PluginState.tsx";
import { UpgradeButton } from "./UpgradeButton.tsx";

function Facts({ plugin }: { plugin: PluginStatus }) {
  const startedAt = parseTime(plugin.startedAt);
  const fields = [
    { name: "state", value: <PluginState plugin={plugin} /> },
    { name: "namespace", value: plugin.namespace },
    { name: "source", value: plugin.source },
    { name: "version", value: plugin.version },
    { name: "contract", value: plugin.contract },
    { name: "pid", value: plugin.pid },
    { name: "restarts", value: plugin.restarts },
    { name: "memory", value: plugin.memoryBytes === undefined ? undefined : formatBytes(plugin.memoryBytes), title: plugin.memoryBytes?.toLocaleString() },
    { name: "started", value: startedAt && formatAge(Date.now() - startedAt.getTime()), title: formatExactTime(startedAt) },
  ];
  return <FieldList fields={fields.filter((field) => field.value !== undefined && field.value !== null && field.value !== "")} />;
}

function LastError({ plugin }: { plugin: PluginStatus }) {
  if (!plugin.lastError) return null;
  return (
    <div class="flex flex-col gap-1">
      <div class="flex items-center gap-2">
        <h3 class="font-medium">Last error</h3>
        {plugin.state === "running" && <Badge>recovered</Badge>}
        <CopyButton label="Copy error" text={plugin.lastError} />
      </div>
      <pre class="max-h-48 overflow-auto rounded-control bg-muted p-2 font-mono text-xs whitespace-pre-wrap">{plugin.lastError}</pre>
    </div>
  );
}

/** One plugin: its state, its last error, what it offers, and what it writes. */
export function PluginDetails({ plugin, onClose }: { plugin: PluginStatus; onClose: () => void }) {
  const all = useAllPlugins();
  return (
    <SidePanel title={plugin.name} label={`Plugin ${plugin.name}`} onClose={onClose} isWide>
      <div class="flex flex-col gap-4 p-3">
        <Facts plugin={plugin} />
        <UpgradeButton plugin={plugin} />
        <LastError plugin={plugin} />
      </div>
      <PluginLog plugin={plugin.id} />
      <section class="border-t p-3">
        <h3 class="mb-1.5 font-medium">Operations</h3>
        <Async of={all} what="the operations">
          {(plugins) => <OperationList plugins={plugins.filter((one) => one.name === plugin.name)} hasItem={false} />}
        </Async>
      </section>
    </SidePanel>
  );
}
