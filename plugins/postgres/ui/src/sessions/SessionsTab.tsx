import { Async, Button, DataTable, Message, parseSort, renderSort, type HashNavigation } from "@mission-control/plugin-ui";
import { useMemo, useRef } from "preact/hooks";
import { useSessions, type Session } from "../api.ts";
import { isHidden, parseFilter, rankSessions, sessionTone } from "../logic/sessions.ts";
import { sessionColumns } from "./columns.tsx";
import { HiddenNote } from "./HiddenNote.tsx";
import { SessionPanel } from "./SessionPanel.tsx";
import { SessionsToolbar } from "./SessionsToolbar.tsx";

const keyOf = (session: Session) => `${session.pid} ${session.backendStart ?? ""}`;

export interface SessionsTabProps {
  params: URLSearchParams;
  setParams: HashNavigation["setParams"];
  /** The role that looks. */
  role: string | undefined;
}

/** Who is connected, what they run and wait for, and who blocks whom; live. */
export function SessionsTab({ params, setParams, role }: SessionsTabProps) {
  const filterText = params.toString();
  const filter = useMemo(() => parseFilter(new URLSearchParams(filterText)), [filterText]);
  const sessions = useSessions(filter);
  const rows = useMemo(() => rankSessions(sessions.data ?? []), [sessions.data]);
  const pid = Number(params.get("pid") ?? 0);
  const found = rows.find((session) => session.pid === pid);
  const lastSeen = useRef<Session | null>(null);
  if (found) lastSeen.current = found;
  const shown = found ?? (lastSeen.current?.pid === pid ? lastSeen.current : null);
  const select = (next: number | null) => setParams({ pid: next === null ? null : String(next) });

  const hasProcesses = rows.some((session) => session.process !== undefined);
  const known = useRef(rows);
  known.current = rows;
  const columns = useMemo(() => {
    const jump = (to: number) => {
      const isListed = known.current.some((session) => session.pid === to);
      setParams({ pid: String(to), ...(isListed ? {} : { idle: "1", background: "1", state: null, q: null, min: null, db: null }) });
    };
    return sessionColumns(jump, hasProcesses);
  }, [setParams, hasProcesses]);

  const isFiltered = ["q", "db", "state", "min"].some((name) => params.has(name));
  const empty = (
    <Message
      title={isFiltered ? "No session matches" : "Nobody is doing anything"}
      actions={
        <Button onClick={() => setParams(isFiltered ? { q: null, db: null, state: null, min: null } : { idle: "1" })}>
          {isFiltered ? "Clear filters" : "Show idle sessions"}
        </Button>
      }
    >
      <p>{isFiltered ? "The filters above leave nothing over." : "There is no active session and no open transaction right now."}</p>
    </Message>
  );
  return (
    <>
      <SessionsToolbar params={params} setParams={setParams} sessions={sessions} />
      <Async of={sessions} what="sessions" isEmpty={(list) => list.length === 0 && !shown} empty={empty}>
        {() => (
          <>
            <HiddenNote count={rows.filter(isHidden).length} role={role} />
            <div class="flex min-h-0 flex-1">
              <DataTable
                id="postgres-sessions"
                label="Sessions"
                columns={columns}
                rows={rows}
                keyOf={keyOf}
                sort={{ value: parseSort(params.get("sort")), onChange: (sort) => setParams({ sort: renderSort(sort) }) }}
                selection={{ value: shown ? keyOf(shown) : null, onChange: (key) => select(key === null ? null : Number(key.split(" ")[0])) }}
                tone={sessionTone}
              />
              {shown && <SessionPanel key={keyOf(shown)} session={shown} isGone={!found} onJump={select} onClose={() => select(null)} onChanged={sessions.refresh} />}
            </div>
          </>
        )}
      </Async>
    </>
  );
}
