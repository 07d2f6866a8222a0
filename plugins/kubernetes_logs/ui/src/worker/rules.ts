import type { Rule, RuleTone, SourceInfo, WireEvent } from "../protocol.ts";

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function nameOf(source: SourceInfo | null): string {
  if (!source) return "";
  return source.pod ? `${source.pod} ${source.container}` : source.container;
}

function exitWords(event: WireEvent): string {
  const parts = [text(event.reason)];
  if (event.exitCode !== undefined && event.exitCode !== null) parts.push(`exit ${String(event.exitCode)}`);
  if (event.signal) parts.push(`signal ${String(event.signal)}`);
  return parts.filter(Boolean).join(", ");
}

/** Return what happened to a source as a rule; null for what the picker shows well enough. */
export function sourceRule(event: WireEvent, source: SourceInfo): Rule | null {
  const name = nameOf(source);
  const place = { pod: source.pod, namespace: source.namespace, container: source.container };
  const make = (tone: RuleTone, words: string, detail = ""): Rule => ({ kind: "source", tone, text: `${name} ${words}`, detail, ...place });
  switch (event.change) {
    case "restarted":
      return make("destructive", `restarted (${exitWords(event) || "no reason given"})`);
    case "removed":
      return make("neutral", "is gone");
    case "refused":
      return make("warning", `cannot be read: ${text(event.text)}`, text(event.hint));
    case "waiting":
      if (event.reason === "ContainerCreating" || event.reason === "PodInitializing") return null;
      if (event.reason === "terminated") return { ...make("warning", "has ended and may be started again"), kind: "death" };
      return { ...make("warning", `waits: ${text(event.reason)}`, text(event.message)), kind: event.reason === "CrashLoopBackOff" ? "death" : "source" };
    case "opened":
      return event.rotated && event.historyFrom ? make("neutral", "history starts here: older lines were rotated away") : null;
    default:
      return null;
  }
}

/** Return a hole in the stream as a rule. */
export function gapRule(event: WireEvent, source: SourceInfo | null): Rule {
  const count = typeof event.count === "number" ? `${event.count.toLocaleString()} lines missing` : "lines may be missing";
  const bounds = event.from || event.to ? ` between ${text(event.from) || "the start"} and ${text(event.to) || "now"}` : "";
  const where = source ? ` of ${nameOf(source)}` : "";
  return { kind: "gap", tone: "warning", text: `${count}${where} (${text(event.cause)})`, detail: `${text(event.text)}${bounds}` };
}

/** Return a Kubernetes Event as a rule. */
export function eventRule(event: WireEvent): Rule {
  const times = typeof event.count === "number" && event.count > 1 ? ` ×${event.count}` : "";
  return {
    kind: "event",
    tone: event.kind === "Warning" ? "warning" : "neutral",
    text: `${text(event.pod)} ${text(event.reason)}${times}: ${text(event.message)}`,
    pod: text(event.pod),
    namespace: text(event.namespace),
    container: text(event.container),
  };
}

/** Return a container's death as a rule. */
export function deathRule(event: WireEvent): Rule {
  const name = `${text(event.pod)} ${text(event.container)}`;
  return {
    kind: "death",
    tone: "destructive",
    text: `${name} died (${exitWords(event) || "no reason given"})`,
    detail: text(event.explanation) || text(event.message),
    pod: text(event.pod),
    namespace: text(event.namespace),
    container: text(event.container),
  };
}

/** Return something missing or limited as a rule. */
export function noticeRule(event: WireEvent): Rule {
  return { kind: "notice", tone: "warning", text: text(event.text) || text(event.code), detail: text(event.hint) };
}
