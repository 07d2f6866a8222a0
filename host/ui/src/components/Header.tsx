import { IconButton, Menu, MenuItem } from "@mission-control/plugin-ui";
import { Check, Moon, PanelLeft, Rows3, Search, Sun, Triangle, User } from "lucide-preact";
import type { Me } from "../api.ts";
import { DENSITIES, type LookControl } from "../look.ts";
import { followLink } from "../navigation.ts";
import { GlobalMenu } from "./GlobalMenu.tsx";

export interface HeaderProps {
  me: Me | undefined;
  look: LookControl;
  isFolded: boolean;
  onFold: () => void;
  onSearch: () => void;
}

/** One line over everything: home, search, look, who and where. */
export function Header({ me, look, isFolded, onFold, onSearch }: HeaderProps) {
  const isDark = look.look.theme === "dark";
  return (
    <header class="flex h-11 shrink-0 items-center gap-2 border-b bg-sidebar px-2">
      <span class="narrow:hidden">
        <IconButton label={isFolded ? "Show catalog" : "Fold catalog"} hotkey="[" onClick={onFold}>
          <PanelLeft class="size-4" />
        </IconButton>
      </span>
      <a href="/" onClick={(event) => followLink(event, { page: "home" })} class="flex items-center gap-2 rounded-control px-1 font-semibold whitespace-nowrap">
        <Triangle aria-hidden class="size-4 fill-primary text-primary" />
        <span class="narrow:sr-only">Mission Control</span>
      </a>
      <button
        type="button"
        onClick={onSearch}
        class="mx-auto flex h-control-h max-w-lg min-w-0 flex-1 items-center gap-2 rounded-control border border-input bg-card px-2.5 text-left text-placeholder hover:border-ring/50"
      >
        <Search aria-hidden class="size-3.5 shrink-0" />
        <span class="min-w-0 flex-1 truncate">Search items, tabs, operations</span>
        <kbd class="font-sans text-xs narrow:hidden">Ctrl-K</kbd>
      </button>
      <GlobalMenu />
      <Menu label="Density" icon={<Rows3 class="size-4" />}>
        {(close) =>
          DENSITIES.map((density) => (
            <MenuItem
              key={density}
              icon={<Check class={density === look.look.density ? "size-3.5 text-primary" : "size-3.5 opacity-0"} />}
              onClick={() => {
                look.setDensity(density);
                close();
              }}
            >
              {density}
            </MenuItem>
          ))
        }
      </Menu>
      <IconButton label={isDark ? "Light theme" : "Dark theme"} onClick={look.toggleTheme}>
        {isDark ? <Sun class="size-4" /> : <Moon class="size-4" />}
      </IconButton>
      {me && (
        <span class="flex items-center gap-1.5 px-1 text-muted-foreground" title={`${me.user} on ${me.host}, version ${me.version}`}>
          <User aria-hidden class="size-4" />
          <span class="narrow:sr-only">
            {me.user}
            <span class="text-xs"> on {me.host}</span>
          </span>
        </span>
      )}
    </header>
  );
}
