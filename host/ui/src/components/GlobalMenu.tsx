import { Menu, MenuItem } from "@mission-control/plugin-ui";
import { Zap } from "lucide-preact";
import { useAllPlugins } from "../api.ts";
import { listOperations } from "../logic/operations.ts";
import { openRun } from "../navigation.ts";

/** Operations that need no item; nothing where there are none. */
export function GlobalMenu() {
  const plugins = useAllPlugins();
  const offered = listOperations(plugins.data ?? []).filter((one) => one.isGlobal);
  if (offered.length === 0) return null;
  return (
    <Menu label="Global operations" icon={<Zap class="size-4" />}>
      {(close) =>
        offered.map(({ plugin, operation }) => (
          <MenuItem
            key={`${plugin}/${operation.name}`}
            isDangerous={operation.destructive}
            hint={plugin}
            onClick={() => {
              close();
              openRun(plugin, operation.name);
            }}
          >
            {operation.name}
          </MenuItem>
        ))
      }
    </Menu>
  );
}
