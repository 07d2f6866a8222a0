import { Async, FieldList, formatExactTime, parseTime, SidePanel, type Field } from "@mission-control/plugin-ui";
import { useDeath, type ContainerDeath, type ContainerPlace } from "../api.ts";
import { LineText } from "../list/LineText.tsx";

function factsOf(death: ContainerDeath): Field[] {
  const all: [string, string | number | undefined][] = [
    ["Reason", death.reason],
    ["Exit code", death.exitCode],
    ["Signal", death.signal],
    ["Message", death.message],
    ["Started", death.startedAt && formatExactTime(parseTime(death.startedAt))],
    ["Finished", death.finishedAt && formatExactTime(parseTime(death.finishedAt))],
    ["Restarts", death.restarts],
  ];
  return all.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [{ name, value: String(value) }]));
}

/** Why did it die: the cause in a sentence, the facts, its last words, and what Kubernetes said. */
export function DeathPanel({ place, onClose }: { place: ContainerPlace; onClose: () => void }) {
  const death = useDeath(place);
  return (
    <SidePanel title={`Why ${place.container} died`} label="Why it died" onClose={onClose} isWide>
      <Async of={death} what="the last death">
        {(data) => (
          <div class="flex flex-col gap-4 p-3">
            <p class="text-base font-medium text-destructive">{data.explanation}</p>
            <p class="text-xs text-muted-foreground">
              {data.namespace} · {data.pod} · {data.container}
            </p>
            <FieldList fields={factsOf(data)} />
            <section>
              <h3 class="mb-1 font-semibold">Its last lines</h3>
              {data.lastLines.length === 0 && <p class="text-muted-foreground">The kubelet has none any more.</p>}
              <pre class="max-h-[50vh] overflow-auto rounded-control bg-muted p-2 font-mono text-xs">
                {data.lastLines.map((row, at) => (
                  <div key={at} class="break-words whitespace-pre-wrap">
                    <LineText text={row[3]} pattern={null} isPretty />
                  </div>
                ))}
              </pre>
            </section>
            {data.events.length > 0 && (
              <section>
                <h3 class="mb-1 font-semibold">Events</h3>
                <ul class="flex flex-col gap-1">
                  {data.events.map((event, at) => (
                    <li key={at} title={String(event.at ?? "")}>
                      <span class="font-medium">{String(event.reason ?? "")}</span> <span class="text-muted-foreground">{String(event.message ?? "")}</span>
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </div>
        )}
      </Async>
    </SidePanel>
  );
}
