import { Button, CommandLine, ConfirmDialog, Message, useAction } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import type { StatementsAnswer } from "./api.ts";

const REASONS: Record<string, string> = {
  not_preloaded: "pg_stat_statements is not in shared_preload_libraries; the server must be restarted with it.",
  not_installed: "The extension pg_stat_statements is not installed in this database.",
  old_version: "The extension is older than the server expects; update it.",
  not_permitted: "This role may not read the statistics of other roles.",
};

/** Why there are no statements, and the way to have some. */
export function Unavailable({ answer, database, onInstalled }: { answer: StatementsAnswer; database: string; onInstalled: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const install = useAction<Record<string, unknown>, unknown>("slow-queries-install", onInstalled);
  return (
    <Message
      title="No statement statistics yet"
      actions={
        answer.canInstall && (
          <Button kind="primary" disabled={install.isRunning} onClick={() => setAsking(true)}>
            {install.isRunning ? "Installing…" : "Install the extension"}
          </Button>
        )
      }
    >
      <p>{answer.warning ?? REASONS[answer.reason ?? ""] ?? "The statistics cannot be read."}</p>
      {answer.installSql && <CommandLine text={answer.installSql} />}
      {install.error && <p class="text-destructive">{install.error.message}</p>}
      {isAsking && (
        <ConfirmDialog
          action="Install pg_stat_statements"
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            install.run(database ? { database } : {});
          }}
        >
          <p>It creates an extension in {database || "the connection's database"}, which every role of it then sees.</p>
        </ConfirmDialog>
      )}
    </Message>
  );
}
