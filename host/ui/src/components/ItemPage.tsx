import { Async, Failure, Message, type ShellLook } from "@mission-control/plugin-ui";
import { useEffect, useRef, useState } from "preact/hooks";
import { useItem, usePlugins } from "../api.ts";
import type { TabPlace } from "../logic/route.ts";
import { findTab, listTabs, type ShellTab } from "../logic/tabs.ts";
import { go, keepView } from "../navigation.ts";
import { itemHint, itemKey } from "../logic/palette.ts";
import { rememberRecent } from "../recents.ts";
import { ItemHeader } from "./ItemHeader.tsx";
import { ItemTab } from "./ItemTab.tsx";
import { PluginFrame } from "./PluginFrame.tsx";
import { TabBar } from "./TabBar.tsx";

export interface ItemPageProps {
  itemId: string;
  tab: TabPlace | null;
  look: ShellLook;
  onKey: (key: string) => void;
  onPalette: (text: string) => void;
}

const tabKey = (tab: ShellTab) => `${tab.plugin}/${tab.slug}`;

/** One item: what it is, and a tab of it. Frames once opened stay, so that a console keeps its work. */
export function ItemPage({ itemId, tab, look, onKey, onPalette }: ItemPageProps) {
  const item = useItem(itemId);
  const plugins = usePlugins(itemId);
  const [opened, setOpened] = useState<string[]>([]);
  const views = useRef(new Map<string, string>());
  const tabs = listTabs(plugins.data ?? []);
  const current = tab?.kind === "plugin" ? findTab(tabs, tab.plugin, tab.tab) : undefined;
  const currentKey = current && tabKey(current);
  const view = tab?.kind === "plugin" ? tab.view : "";
  if (currentKey && view) views.current.set(currentKey, view);

  const first = tabs[0];
  const isUndecided = tab === null && plugins.data !== undefined;
  const choose = (next: ShellTab | null, isStep = true) => {
    const kept = next ? (views.current.get(tabKey(next)) ?? "") : "";
    go({ page: "item", itemId, tab: next ? { kind: "plugin", plugin: next.plugin, tab: next.slug, view: kept } : { kind: "item" } }, { isStep });
  };
  useEffect(() => {
    if (isUndecided) choose(first ?? null, false);
  });
  useEffect(() => {
    if (currentKey) setOpened((before) => (before.includes(currentKey) ? before : [...before, currentKey]));
  }, [currentKey]);

  const { data } = item;
  const name = data && !item.isStale ? data.name : undefined;
  useEffect(() => {
    if (data && name !== undefined) rememberRecent({ key: itemKey(itemId), label: name, hint: itemHint(data), place: { page: "item", itemId, tab: null } });
  }, [itemId, name]); // eslint-disable-line react-hooks/exhaustive-deps -- a visit counts once, not with every poll

  if (!item.data && item.error) {
    if (item.error.status === 404) {
      return (
        <Message title="This item is gone">
          <p>No source lists it any more. A process that was started again is a new item.</p>
        </Message>
      );
    }
    return <Failure error={item.error} what="the item" onRetry={item.refresh} />;
  }
  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <ItemHeader item={item.data} />
      <TabBar tabs={tabs} current={current} isItem={tab?.kind === "item"} onChoose={choose} />
      {tabs
        .filter((one) => opened.includes(tabKey(one)))
        .map((one) => (
          <PluginFrame
            key={tabKey(one)}
            itemId={itemId}
            tab={one}
            view={one === current ? view : (views.current.get(tabKey(one)) ?? "")}
            isVisible={one === current}
            look={look}
            onView={(next) => {
              views.current.set(tabKey(one), next);
              if (one === current) keepView(next);
            }}
            onKey={onKey}
            onPalette={onPalette}
          />
        ))}
      {tab?.kind === "item" && (
        <Async of={item} what="the item">
          {(data) => <ItemTab item={data} plugins={plugins.data ?? []} />}
        </Async>
      )}
      {tab?.kind === "plugin" && !current && plugins.error && <Failure error={plugins.error} what="the plugins" onRetry={plugins.refresh} />}
      {tab?.kind === "plugin" && !current && plugins.data && (
        <Message title={`${tab.plugin} is not here`}>
          <p>The plugin is not running, or it does not serve this kind of item. The Plugins page shows its state and last error.</p>
        </Message>
      )}
    </div>
  );
}
