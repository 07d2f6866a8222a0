import { Checkbox, LiveLine, SearchBox, Select, Toolbar, type Operation } from "@mission-control/plugin-ui";
import type { Session } from "../api.ts";
import { DatabaseSelect } from "../components/DatabaseSelect.tsx";
import { MIN_DURATIONS, STATES } from "../logic/sessions.ts";

export interface SessionsToolbarProps {
  params: URLSearchParams;
  setParams: (changes: Record<string, string | null>) => void;
  sessions: Operation<Session[]>;
}

/** Filters of the sessions, all of them in the address. */
export function SessionsToolbar({ params, setParams, sessions }: SessionsToolbarProps) {
  const get = (name: string) => params.get(name) ?? "";
  const setCount = ["db", "state", "min", "idle", "background"].filter((name) => params.has(name)).length;
  return (
    <Toolbar
      setCount={setCount}
      lead={<SearchBox class="w-40 narrow:w-auto narrow:flex-1" label="Search sessions" value={get("q")} onChange={(q) => setParams({ q })} />}
      end={<LiveLine of={sessions} />}
    >
      <DatabaseSelect value={get("db")} none="All databases" onChange={(db) => setParams({ db })} />
      <Select
        label="State"
        value={get("state")}
        isSet={get("state") !== ""}
        options={[{ value: "", label: "Any state" }, ...STATES.map((state) => ({ value: state, label: state }))]}
        onChange={(state) => setParams({ state })}
      />
      <Select
        label="Running at least"
        value={get("min")}
        isSet={get("min") !== ""}
        options={[{ value: "", label: "Any duration" }, ...MIN_DURATIONS.map(([ms, label]) => ({ value: String(ms), label: `≥ ${label}` }))]}
        onChange={(min) => setParams({ min })}
      />
      <Checkbox label="idle" title="Sessions that do nothing and hold nothing" isOn={get("idle") === "1"} onChange={(isOn) => setParams({ idle: isOn ? "1" : null })} />
      <Checkbox label="background" title="Autovacuum, replication and other server processes" isOn={get("background") === "1"} onChange={(isOn) => setParams({ background: isOn ? "1" : null })} />
    </Toolbar>
  );
}
