import { StatusDot, type StatusShape, type Tone } from "@mission-control/plugin-ui";
import type { PluginState as State, PluginStatus } from "../api.ts";

const STATES: Record<State, { shape: StatusShape; tone: Tone; word: string }> = {
  running: { shape: "dot", tone: "success", word: "running" },
  starting: { shape: "ring", tone: "info", word: "starting" },
  unhealthy: { shape: "triangle", tone: "warning", word: "unhealthy" },
  backing_off: { shape: "triangle", tone: "warning", word: "backing off" },
  failed: { shape: "diamond", tone: "destructive", word: "failed" },
  stopped: { shape: "bar", tone: "neutral", word: "stopped" },
};

/** A plugin's state as shape, colour and word. */
export function PluginState({ plugin }: { plugin: PluginStatus }) {
  const look = STATES[plugin.state] ?? { shape: "ring", tone: "neutral", word: plugin.state };
  return (
    <span class="flex items-center gap-1.5">
      <StatusDot shape={look.shape} tone={look.tone} label={look.word} />
      {look.word}
    </span>
  );
}
