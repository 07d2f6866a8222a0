import { Button, Failure, useCall } from "@mission-control/plugin-ui";
import { useQueryClient } from "@tanstack/preact-query";
import { upgradePlugin, type PluginStatus, type UpgradeAnswer } from "../api.ts";

function outcome(answer: UpgradeAnswer): string {
  return answer.restarted ? `${answer.previousVersion} → ${answer.resolvedVersion}; it starts again` : `${answer.resolvedVersion} is the newest already`;
}

/** Install the newest version from where the plugin came from. */
export function UpgradeButton({ plugin }: { plugin: PluginStatus }) {
  const cache = useQueryClient();
  const upgrade = useCall<string, UpgradeAnswer>(upgradePlugin, () => void cache.invalidateQueries({ queryKey: ["plugin-status"] }));
  if (!plugin.installedFrom) return null;
  return (
    <div class="flex flex-col gap-1.5">
      <div class="flex min-w-0 items-center gap-2">
        <Button disabled={upgrade.isRunning} onClick={() => upgrade.run(plugin.id)}>
          {upgrade.isRunning ? "Upgrading…" : "Upgrade"}
        </Button>
        <span class="min-w-0 truncate text-xs text-muted-foreground" title={plugin.installedFrom}>
          from {plugin.installedFrom}
        </span>
      </div>
      {upgrade.result && <p role="status">{outcome(upgrade.result)}</p>}
      {upgrade.error && <Failure error={upgrade.error} what="the upgrade" onRetry={() => upgrade.run(plugin.id)} />}
    </div>
  );
}
