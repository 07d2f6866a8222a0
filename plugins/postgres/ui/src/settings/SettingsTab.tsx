import { Async, Badge, Checkbox, FieldList, LiveLine, Message, SearchBox, Toolbar, type Column, type HashNavigation } from "@mission-control/plugin-ui";
import { Notes } from "../components/Notes.tsx";
import { TableTab } from "../components/TableTab.tsx";
import { useSettings, type Setting, type Settings } from "./api.ts";

const shown = (setting: Setting) => (setting.hidden ? "not visible to this role" : (setting.display ?? setting.value ?? ""));

const COLUMNS: Column<Setting>[] = [
  { id: "name", header: "Setting", value: (s) => s.name, width: 19, narrow: "title", cell: (s) => <span class="flex items-center gap-1.5 font-mono text-xs">{s.name}{s.pendingRestart && <Badge tone="warning">needs a restart</Badge>}</span> },
  { id: "value", header: "Value", value: shown, width: 12, isCode: true, narrow: "figure", cell: (s) => <span class={s.isChanged ? "font-medium text-primary" : s.hidden ? "text-muted-foreground italic" : ""}>{shown(s)}</span> },
  { id: "default", header: "Default", value: (s) => s.default, width: 9, isCode: true },
  { id: "source", header: "From", value: (s) => s.source, width: 11 },
  { id: "description", header: "What it does", value: (s) => s.description, narrow: "detail", title: (s) => s.description },
];

const CONTEXTS: Record<string, string> = {
  postmaster: "with a restart of the server",
  sighup: "with a reload of the configuration",
  "superuser-backend": "for new connections, by a superuser",
  backend: "for new connections",
  superuser: "in a session, by a superuser",
  user: "in any session",
  internal: "never: fixed when the server was built or initialised",
};

function Details({ setting }: { setting: Setting }) {
  const fields = [
    { name: "value", value: shown(setting) },
    { name: "default", value: setting.default ?? "" },
    { name: "unit", value: setting.unit ?? "" },
    { name: "from, to", value: setting.min === undefined ? "" : `${setting.min} to ${setting.max ?? ""}` },
    { name: "choices", value: setting.enumValues?.join(", ") ?? "" },
    { name: "changed", value: CONTEXTS[setting.context ?? ""] ?? setting.context ?? "" },
    { name: "comes from", value: [setting.source, setting.sourceFile && `${setting.sourceFile}:${String(setting.sourceLine ?? "")}`].filter(Boolean).join(", ") },
    { name: "category", value: setting.category ?? "" },
  ];
  return (
    <>
      <p>{setting.description}</p>
      <FieldList fields={fields.filter((field) => field.value !== "")} />
    </>
  );
}

function Problems({ settings }: { settings: Settings }) {
  if (!settings.fileErrors?.length && !settings.pendingRestart?.length) return null;
  return (
    <div class="flex flex-col gap-0.5 border-b bg-warning/10 px-3 py-1.5 text-xs text-warning-text">
      {settings.pendingRestart && settings.pendingRestart.length > 0 && <p>Take effect with the next restart: {settings.pendingRestart.join(", ")}</p>}
      {settings.fileErrors?.map((one) => (
        <p key={`${one.file}:${String(one.line)}`}>
          {one.file}:{one.line} {one.name}: {one.error}
        </p>
      ))}
    </div>
  );
}

/** What the server is set to, what differs from its defaults, and where that comes from. */
export function SettingsTab({ params, setParams }: { params: URLSearchParams; setParams: HashNavigation["setParams"] }) {
  const search = params.get("q") ?? params.get("setting") ?? "";
  const isChangedOnly = params.get("changed") === "1";
  const settings = useSettings(search, isChangedOnly);
  return (
    <>
      <Toolbar setCount={isChangedOnly ? 1 : 0} lead={<SearchBox class="w-56 narrow:w-auto narrow:flex-1" label="Search settings" value={search} onChange={(q) => setParams({ q, setting: null })} />} end={<LiveLine of={settings} />}>
        <Checkbox label="changed only" title="Only what differs from the default" isOn={isChangedOnly} onChange={(isOn) => setParams({ changed: isOn ? "1" : null })} />
      </Toolbar>
      <Async of={settings} what="the settings" isEmpty={(data) => data.settings.length === 0} empty={<Message title="No setting matches" />}>
        {(data) => (
          <>
            <Problems settings={data} />
            <Notes of={data} />
            <TableTab id="postgres-settings" label="Settings" columns={COLUMNS} rows={data.settings} keyOf={(setting) => setting.name} params={params} setParams={setParams} titleOf={(setting) => setting.name} details={(setting) => <Details setting={setting} />} tone={(setting) => (setting.pendingRestart ? "warning" : undefined)} />
          </>
        )}
      </Async>
    </>
  );
}
