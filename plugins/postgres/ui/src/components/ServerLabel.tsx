import { Badge, classes, formatAge, OperationError, useNow, type Operation } from "@mission-control/plugin-ui";
import { TriangleAlert } from "lucide-preact";
import type { Stats } from "../api.ts";
import { isFallback, serverLabel } from "../logic/target.ts";

const TROUBLES: Record<string, string> = {
  login_failed: "login refused",
  too_many_connections: "no free connection",
  unknown_database: "no such database",
  not_ready: "server not ready",
  tls_failed: "TLS failed",
};

function troubleLabel(error: Error): string {
  const reason = error instanceof OperationError ? String(error.facts.reason ?? "") : "";
  return TROUBLES[reason] ?? "server unreachable";
}

/** `role@host:port/db · 16.4 primary`; unreachable says so and keeps the name. */
export function ServerLabel({ stats }: { stats: Operation<Stats> }) {
  const now = useNow(5000, stats.error !== null);
  const warnings = stats.data?.warnings ?? [];
  const title = stats.error
    ? `${stats.error.message}${stats.updatedAtMs ? ` (last answer ${formatAge(now - stats.updatedAtMs)})` : ""}`
    : [stats.data?.instance?.productVersion, ...warnings].filter(Boolean).join("\n");
  const text = stats.data ? serverLabel(stats.data) : stats.error ? troubleLabel(stats.error) : "";
  return (
    <div
      title={title}
      class={classes(
        "ml-auto flex min-w-0 shrink-[9999] items-center gap-1.5 text-xs narrow:ml-0 narrow:px-2 narrow:pt-1.5",
        stats.error ? "text-warning-text" : "text-muted-foreground",
      )}
    >
      {(stats.error || warnings.length > 0) && <TriangleAlert aria-hidden class="size-3.5 shrink-0 text-warning" />}
      {stats.data && isFallback(stats.data) && (
        <Badge tone="warning" title="The item has no connection of its own: the plugin's default connection is used">
          fallback
        </Badge>
      )}
      <span class="truncate tabular-nums">{text}</span>
    </div>
  );
}
