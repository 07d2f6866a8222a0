import { IconButton } from "@mission-control/plugin-ui";
import { TriangleAlert, X } from "lucide-preact";
import type { Notice } from "../logic/useLogs.ts";

/** What is missing or limited while the stream goes on. */
export function Notices({ notices, onDismiss }: { notices: readonly Notice[]; onDismiss: (notice: Notice) => void }) {
  const last = notices.at(-1);
  if (!last) return null;
  return (
    <div role="status" class="flex items-center gap-2 border-b bg-warning/10 px-density-2 text-xs text-warning-text">
      <TriangleAlert aria-hidden class="size-3.5 shrink-0" />
      <span class="min-w-0 truncate" title={notices.map((one) => [one.text, one.detail].filter(Boolean).join(": ")).join("\n")}>
        {last.text}
        {last.detail && <span class="opacity-80">: {last.detail}</span>}
        {notices.length > 1 && ` (and ${notices.length - 1} more)`}
      </span>
      <IconButton label="Dismiss" class="ml-auto size-6!" onClick={() => onDismiss(last)}>
        <X class="size-3.5" />
      </IconButton>
    </div>
  );
}
