import { CopyButton, FieldList, SidePanel, StatusDot } from "@mission-control/plugin-ui";
import type { Session } from "../api.ts";
import { SqlText } from "../components/SqlText.tsx";
import { sessionFields } from "../logic/sessionFields.ts";
import { blockCount, isBlocked, isHidden, stateLook } from "../logic/sessions.ts";
import { BlockerLinks } from "./BlockerLinks.tsx";
import { SessionActions } from "./SessionActions.tsx";

export interface SessionPanelProps {
  session: Session;
  /** The session left the list; what was last seen stays. */
  isGone: boolean;
  onJump: (pid: number) => void;
  onClose: () => void;
  onChanged: () => void;
}

/** All that is known of one session, its whole query, and what can be done about it. */
export function SessionPanel({ session, isGone, onJump, onClose, onChanged }: SessionPanelProps) {
  const look = stateLook(session);
  const query = session.query?.trim();
  const title = (
    <span class="flex items-center gap-2">
      <StatusDot {...look} />
      pid {session.pid}
      <span class="truncate text-sm font-normal text-muted-foreground">{look.label}</span>
    </span>
  );
  return (
    <SidePanel title={title} label={`Session ${session.pid}`} onClose={onClose} footer={<SessionActions session={session} isGone={isGone} onChanged={onChanged} />}>
      {isGone && <p class="border-b bg-muted px-3 py-1.5 text-xs text-muted-foreground">This session is no longer in the list. This is what was last seen of it.</p>}
      {!isGone && isBlocked(session) && (
        <p class="flex items-center gap-1.5 border-b bg-warning/10 px-3 py-1.5">
          <StatusDot shape="triangle" tone="warning" label="blocked" /> Waits for <BlockerLinks pids={session.blockedBy ?? []} onJump={onJump} />
        </p>
      )}
      {!isGone && blockCount(session) > 0 && (
        <p class="flex items-center gap-1.5 border-b bg-destructive/8 px-3 py-1.5">
          <StatusDot shape="diamond" tone="destructive" label="blocking" /> Blocks {blockCount(session)} {blockCount(session) === 1 ? "session" : "sessions"}
        </p>
      )}
      <div class="border-b p-3">
        <div class="mb-1 flex items-center justify-between">
          <h3 class="text-muted-foreground">{session.state === "active" ? "Query" : "Last query"}</h3>
          {query && !isHidden(session) && <CopyButton label="Copy query" text={query} />}
        </div>
        {isHidden(session) ? (
          <p class="text-muted-foreground italic">Not visible to this role.</p>
        ) : query ? (
          <pre class="max-h-72 overflow-auto rounded-control bg-muted p-2 break-words whitespace-pre-wrap"><SqlText sql={query} /></pre>
        ) : (
          <p class="text-muted-foreground">None.</p>
        )}
      </div>
      <div class="p-3">
        <FieldList fields={sessionFields(session)} />
      </div>
    </SidePanel>
  );
}
