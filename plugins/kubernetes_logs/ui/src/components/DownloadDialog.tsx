import { Button, Checkbox, Dialog, parsePageLocation } from "@mission-control/plugin-ui";
import { Download } from "lucide-preact";
import { useState } from "preact/hooks";
import type { LogClient } from "../logic/logClient.ts";
import { patternSource } from "../logic/patterns.ts";
import type { ViewState } from "../logic/viewState.ts";
import { LEVELS, type SourceInfo } from "../protocol.ts";

type Format = "text" | "ndjson" | "csv";
const EXTENSIONS: Record<Format, string> = { text: "log", ndjson: "ndjson", csv: "csv" };

const MOST_NAMED = 50;

export interface DownloadDialogProps {
  client: LogClient;
  view: ViewState;
  sources: readonly SourceInfo[];
  onClose: () => void;
}

/** Return the address that streams everything the cluster keeps, within what is chosen. */
function downloadUrl(format: Format, isGzip: boolean, { filter, range, isPrevious }: ViewState, sources: readonly SourceInfo[]): string {
  const { base, plugin, itemId } = parsePageLocation(window.location);
  const query = new URLSearchParams({ config_id: itemId, format, gzip: String(isGzip) });
  const shown = sources.filter((one) => !filter.hiddenSources.includes(one.key));
  const hidden = sources.filter((one) => !shown.includes(one));
  if (hidden.length <= MOST_NAMED) {
    for (const one of hidden) query.append("excludeSource", one.key);
    for (const name of ["init", "ephemeral"]) query.set(name, "true");
  } else if (shown.some((one) => one.pod)) {
    // An address has its limits: as near as pods and names of containers come to it.
    for (const pod of new Set(shown.map((one) => one.pod))) query.append("pod", pod);
    for (const name of new Set(shown.map((one) => one.container))) query.append("container", name);
  }
  if (filter.from) query.set("since", filter.from);
  else if (range && range !== "all") query.set("since", range);
  if (filter.to) query.set("until", filter.to);
  if (filter.query && filter.mode !== "highlight") {
    query.set("grep", patternSource(filter));
    query.set("ignoreCase", String(!filter.isCaseSensitive));
  }
  if (filter.hiddenLevels.length) query.set("level", LEVELS.filter((_, level) => !filter.hiddenLevels.includes(level)).join(","));
  if (filter.hiddenLevels.includes(6)) query.set("hideUnknown", "true");
  if (isPrevious) query.set("previous", "true");
  return `${base}/api/plugins/${encodeURIComponent(plugin)}/proxy/log-download?${query.toString()}`;
}

function save(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** What to take along: the lines in the list, or everything that is kept. */
export function DownloadDialog({ client, view, sources, onClose }: DownloadDialogProps) {
  const [isEverything, setEverything] = useState(false);
  const [format, setFormat] = useState<Format>("text");
  const [isGzip, setGzip] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    if (isEverything) {
      save(downloadUrl(format, isGzip, view, sources), "");
      return onClose();
    }
    setBusy(true);
    const { blob } = await client.ask({ type: "export", format, isGzip }, "exported");
    const url = URL.createObjectURL(blob);
    save(url, `logs-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.${EXTENSIONS[format]}${isGzip ? ".gz" : ""}`);
    window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
    onClose();
  };
  const radio = (name: string, label: string, isOn: boolean, choose: () => void, hint = "") => (
    <label class="flex items-start gap-2 rounded-control p-1 hover:bg-accent">
      <input type="radio" name={name} checked={isOn} onChange={choose} class="mt-0.5 accent-primary" />
      <span>
        {label}
        {hint && <span class="block text-xs text-muted-foreground">{hint}</span>}
      </span>
    </label>
  );
  return (
    <Dialog
      title="Download"
      onClose={onClose}
      actions={
        <Button kind="primary" icon={<Download class="size-3.5" />} disabled={isBusy} onClick={() => void download()}>
          {isBusy ? "Preparing…" : "Download"}
        </Button>
      }
    >
      <div class="flex flex-col gap-3">
        <fieldset class="flex flex-col">
          <legend class="mb-1 font-medium">What</legend>
          {radio("what", "What I see", !isEverything, () => setEverything(false), "the lines of the list, as they are filtered now")}
          {radio("what", "Everything available", isEverything, () => setEverything(true), "all that the cluster still keeps of the chosen sources, times, levels and filter; streamed, however large")}
        </fieldset>
        <fieldset class="flex flex-wrap gap-x-3">
          <legend class="mb-1 font-medium">As</legend>
          {radio("format", "Text", format === "text", () => setFormat("text"))}
          {radio("format", "ndjson", format === "ndjson", () => setFormat("ndjson"))}
          {radio("format", "CSV", format === "csv", () => setFormat("csv"))}
          <Checkbox label="gzip" isOn={isGzip} onChange={setGzip} />
        </fieldset>
      </div>
    </Dialog>
  );
}
