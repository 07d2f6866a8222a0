import { Message, parsePageLocation, useShell } from "@mission-control/plugin-ui";
import { LogsPage } from "./LogsPage.tsx";

function hasItem(): boolean {
  try {
    return parsePageLocation(window.location).itemId !== "";
  } catch {
    return false;
  }
}

/** The Logs tab. */
export function App() {
  const { state } = useShell();
  if (hasItem()) return <LogsPage isVisible={state.isVisible} />;
  return (
    <Message title="No item">
      <p>This page belongs to a catalog item: open it from an item&apos;s tabs, so that its address names one in config_id.</p>
    </Message>
  );
}
