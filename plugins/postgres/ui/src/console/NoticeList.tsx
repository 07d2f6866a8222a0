import { Badge } from "@mission-control/plugin-ui";
import { allNotices } from "../logic/resultViews.ts";
import type { Run } from "../logic/run.ts";

/** What the server said beside its results. */
export function NoticeList({ run }: { run: Run }) {
  return (
    <ul class="min-h-0 flex-1 overflow-auto">
      {allNotices(run).map((notice, index) => (
        <li key={index} class="flex items-baseline gap-2 border-b px-3 py-1.5">
          <Badge tone={notice.severity === "WARNING" ? "warning" : "info"}>{(notice.severity ?? "NOTICE").toLowerCase()}</Badge>
          <span class="min-w-0">
            {notice.message}
            {[notice.detail, notice.hint].filter(Boolean).map((text) => (
              <span key={text} class="block text-muted-foreground">
                {text}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}
