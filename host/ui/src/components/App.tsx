import { Failure, KeyboardHelp, useHotkeys, useIsNarrow, usePreference } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import { useMe } from "../api.ts";
import { useLook } from "../look.ts";
import { lazyPart } from "../lazyPart.tsx";
import { useRoute } from "../navigation.ts";
import { useGoKeys } from "../useGoKeys.ts";
import { Catalog } from "./Catalog.tsx";
import { Header } from "./Header.tsx";
import { Home } from "./Home.tsx";
import { ItemPage } from "./ItemPage.tsx";
import { Palette } from "./Palette.tsx";
import { PluginsPage } from "./PluginsPage.tsx";
import { SignedOut } from "./SignedOut.tsx";

const OperationPanel = lazyPart(async () => (await import("./OperationPanel.tsx")).OperationPanel);

const KEYS = [
  ["Ctrl-K", "search items, tabs and operations"],
  ["/", "filter the catalog"],
  ["j k", "move in a list or table"],
  ["Enter", "open"],
  ["Esc", "close"],
  ["g c", "catalog"],
  ["g p", "plugins"],
  ["g i", "the item itself"],
  ["g 1…9", "the item's tabs"],
  ["[", "fold the catalog"],
  ["r", "refresh"],
  ["p", "pause or resume"],
  ["Ctrl-Enter", "run the open form"],
] as const;

/** The shell: header, catalog at the left, the chosen page beside it. */
export function App() {
  const me = useMe();
  const { place, filters, run } = useRoute();
  const itemId = place.page === "item" ? place.itemId : null;
  const look = useLook();
  const isNarrow = useIsNarrow();
  const [isFolded, setFolded] = usePreference("mc.shell.folded", false);
  const [palette, setPalette] = useState<string | null>(null);
  const openPalette = (text = "") => setPalette(text);
  const pressGoKey = useGoKeys(place);
  useHotkeys({ "ctrl+k": () => openPalette(), "[": () => setFolded(!isFolded) });

  if (me.error?.isSignedOut) return <SignedOut />;
  if (!me.data && me.error) return <Failure error={me.error} what="the host" onRetry={me.refresh} />;
  const hasList = isNarrow ? place.page === "home" : !isFolded;
  return (
    <div class="flex h-full flex-col">
      <Header me={me.data} look={look} onSearch={() => openPalette()} onFold={() => setFolded(!isFolded)} isFolded={isFolded} />
      <div class="flex min-h-0 flex-1">
        {hasList && <Catalog filters={filters} selectedId={place.page === "item" ? place.itemId : null} place={place} />}
        {!(isNarrow && place.page === "home") && (
          <main class="flex min-h-0 min-w-0 flex-1 flex-col">
            {place.page === "home" && <Home />}
            {place.page === "plugins" && <PluginsPage selected={place.selected} />}
            {place.page === "item" && (
              <ItemPage key={place.itemId} itemId={place.itemId} tab={place.tab} look={look.look} onKey={(key) => (key === "ctrl+k" ? openPalette() : pressGoKey(key))} onPalette={openPalette} />
            )}
          </main>
        )}
        {run && <OperationPanel key={`${itemId} ${run.plugin}/${run.operation}`} run={run} itemId={itemId} />}
      </div>
      {palette !== null && <Palette text={palette} place={place} look={look} onClose={() => setPalette(null)} />}
      <KeyboardHelp keys={KEYS} />
    </div>
  );
}
