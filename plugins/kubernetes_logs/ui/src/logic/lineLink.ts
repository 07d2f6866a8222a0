import { copyText } from "@mission-control/plugin-ui";

/** Return the address that a colleague opens: the shell's, which holds the view; our own where nothing frames us. */
function shellAddress(): string {
  try {
    return window.parent.location.href;
  } catch {
    return window.location.href;
  }
}

/** Put a line into the address, and the address into the clipboard once the shell has taken it. */
export async function copyLineLink(stamp: string, key: string, setView: (changes: { at: string; atKey: string }) => void): Promise<void> {
  setView({ at: stamp, atKey: key });
  await new Promise((resolve) => window.setTimeout(resolve, 150));
  await copyText(shellAddress());
}
