import { Async, formatPlural, LiveLine, Message, Toolbar, type HashNavigation } from "@mission-control/plugin-ui";
import { useMemo } from "preact/hooks";
import { DatabaseSelect } from "../components/DatabaseSelect.tsx";
import { Notes } from "../components/Notes.tsx";
import { lockLines } from "../logic/lockTree.ts";
import { useLockTree } from "./api.ts";
import { LockPanel } from "./LockPanel.tsx";
import { LockRow } from "./LockRow.tsx";

export interface LocksTabProps {
  params: URLSearchParams;
  setParams: HashNavigation["setParams"];
  go: HashNavigation["go"];
}

/** Who waits for whom: root causes on top, those they hold up below them. */
export function LocksTab({ params, setParams, go }: LocksTabProps) {
  const database = params.get("db") ?? "";
  const tree = useLockTree(database);
  const lines = useMemo(() => lockLines(tree.data?.roots ?? []), [tree.data]);
  const chosen = lines.find((line) => line.key === params.get("pid"));
  const waiters = tree.data?.waiterCount ?? 0;
  const empty = (
    <Message title="Nobody waits for a lock">
      <p>When somebody does, the session that is in the way stands here on top, with all it holds up below it.</p>
    </Message>
  );
  return (
    <>
      <Toolbar
        lead={
          <>
            <DatabaseSelect value={database} none="All databases" onChange={(db) => setParams({ db })} />
            {waiters > 0 && <span class="text-muted-foreground">{formatPlural(waiters, "session waits", "sessions wait")}</span>}
          </>
        }
        end={<LiveLine of={tree} />}
      />
      <Async of={tree} what="the locks" isEmpty={(data) => data.roots.length === 0} empty={empty}>
        {(data) => (
          <>
            <Notes of={data} />
            {(data.deadlockSuspects?.length ?? 0) > 0 && (
              <p class="border-b bg-destructive/8 px-3 py-1.5">
                These wait for each other in a circle; the server will end one of them: {data.deadlockSuspects?.map((pids) => pids.join(" → ")).join("; ")}
              </p>
            )}
            <div class="flex min-h-0 flex-1">
              <ul role="tree" aria-label="Waits" class="min-w-0 flex-1 overflow-auto">
                {lines.map((line) => (
                  <LockRow key={line.key} line={line} isSelected={line === chosen} onSelect={() => setParams({ pid: line === chosen ? null : line.key })} />
                ))}
                {data.truncated && <li class="px-3 py-2 text-xs text-muted-foreground">There are more; these are the first.</li>}
              </ul>
              {chosen && (
                <LockPanel
                  key={chosen.key}
                  node={chosen.node}
                  onClose={() => setParams({ pid: null })}
                  onChanged={tree.refresh}
                  onSession={() => go("sessions", { pid: chosen.key, idle: "1", background: "1" })}
                />
              )}
            </div>
          </>
        )}
      </Async>
    </>
  );
}
