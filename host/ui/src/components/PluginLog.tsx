import { Async, classes, CopyButton, formatExactTime, formatTime, LiveLine, parseTime, SearchBox, Select } from "@mission-control/plugin-ui";
import { memo } from "preact/compat";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { usePluginLog, type LogRecord } from "../api.ts";
import { fieldsText, filterLog, levelOf, LEVELS, type Level } from "../logic/logLines.ts";

const COLOURS: Record<Level, string> = {
  trace: "text-level-trace", debug: "text-level-debug", info: "text-level-info", warning: "text-level-warning", error: "text-level-error",
};
const INTERVAL_MS = 2000;
const NEAR_END_REM = 2;

const LogLine = memo(function LogLine({ record }: { record: LogRecord }) {
  const level = levelOf(record.level);
  const time = parseTime(record.at);
  const fields = fieldsText(record);
  return (
    <li class={classes("flex gap-2 px-3 py-0.5", level === "error" && "bg-destructive/6", level === "warning" && "bg-warning/8")}>
      <time class="shrink-0 text-muted-foreground tabular-nums" title={formatExactTime(time)}>
        {formatTime(time)}
      </time>
      <span class={classes("w-14 shrink-0", COLOURS[level])}>{level}</span>
      <span class="min-w-0 break-words whitespace-pre-wrap">
        {record.message}
        {fields && <span class="text-muted-foreground"> {fields}</span>}
      </span>
    </li>
  );
});

function Lines({ records }: { records: readonly LogRecord[] }) {
  const scroller = useRef<HTMLOListElement>(null);
  const isFollowing = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && isFollowing.current) element.scrollTop = element.scrollHeight;
  }, [records]);
  return (
    <ol
      ref={scroller}
      role="log"
      aria-label="Log of the plugin"
      tabIndex={0}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        isFollowing.current = scrollHeight - scrollTop - clientHeight < NEAR_END_REM * 16;
      }}
      class="max-h-96 min-h-32 overflow-auto py-1 font-mono text-xs"
    >
      {records.map((record, index) => (
        <LogLine key={`${record.at} ${index}`} record={record} />
      ))}
      {records.length === 0 && <li class="px-3 py-4 font-sans text-muted-foreground">No record matches.</li>}
    </ol>
  );
}

/** What a plugin writes, newest at the bottom: by level, by words, live until paused. */
export function PluginLog({ plugin }: { plugin: string }) {
  const log = usePluginLog(plugin, INTERVAL_MS);
  const [least, setLeast] = useState<Level>("trace");
  const [words, setWords] = useState("");
  const records = useMemo(() => filterLog(log.data ?? [], least, words), [log.data, least, words]);
  const copied = () => records.map((record) => [record.at, record.level, record.message, fieldsText(record)].filter(Boolean).join(" ")).join("\n");
  return (
    <section aria-label="Log" class="border-t">
      <div class="flex flex-wrap items-center gap-2 border-b bg-muted/40 px-3 py-1">
        <h3 class="font-medium">Log</h3>
        <SearchBox label="Filter log" value={words} onChange={setWords} hasHotkey={false} pauseMs={0} class="w-36" />
        <Select label="Level" value={least} isSet={least !== "trace"} options={LEVELS.map((level) => ({ value: level, label: level === "trace" ? "all levels" : level === "error" ? level : `${level} +` }))} onChange={(value) => setLeast(levelOf(value))} />
        <span class="ml-auto flex items-center">
          <LiveLine of={log} hasKeys={false} />
          <CopyButton label="Copy log" text={copied} />
        </span>
      </div>
      <Async of={log} what="the log" isEmpty={(all) => all.length === 0} empty="The plugin has written nothing yet.">
        {() => <Lines records={records} />}
      </Async>
    </section>
  );
}
