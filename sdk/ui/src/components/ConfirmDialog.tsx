import type { ComponentChildren } from "preact";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";

export interface ConfirmDialogProps {
  /** What happens to what: "Terminate pid 4711". It is the button's text too. */
  action: string;
  onConfirm: () => void;
  onCancel: () => void;
  children: ComponentChildren;
}

/** Ask, in the page, before something that disturbs others. */
export function ConfirmDialog({ action, onConfirm, onCancel, children }: ConfirmDialogProps) {
  return (
    <Dialog
      title={`${action}?`}
      onClose={onCancel}
      isDangerous
      actions={
        <>
          <Button autofocus onClick={onCancel}>
            Keep as it is
          </Button>
          <Button kind="destructive" onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
