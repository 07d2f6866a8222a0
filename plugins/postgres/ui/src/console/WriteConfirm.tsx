import { ConfirmDialog } from "@mission-control/plugin-ui";

export interface WriteConfirmProps {
  /** Empty when it is not known yet. */
  database: string;
  host: string;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Ask before statements of an editor tab may change data. */
export function WriteConfirm({ database, host, onConfirm, onCancel }: WriteConfirmProps) {
  return (
    <ConfirmDialog action={`Write to ${database || "this database"}`} onConfirm={onConfirm} onCancel={onCancel}>
      <p>
        Statements of this editor tab will then change data in <strong>{database || "the connection's own database"}</strong>
        {host && ` on ${host}`}. Each run is one transaction: it is committed as a whole, or not at all.
      </p>
      <p class="mt-2 text-muted-foreground">
        It lasts until you switch back, choose another database or reload. A role with fewer rights is the real barrier.
      </p>
    </ConfirmDialog>
  );
}
