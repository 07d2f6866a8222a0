import type { FromWorker, ToWorker } from "../protocol.ts";
import { LogEngine } from "./engine.ts";
import { LogStream } from "./stream.ts";

const post = (message: FromWorker) => self.postMessage(message);
const engine = new LogEngine(post);
const stream = new LogStream({
  lines: (lines) => engine.take(lines),
  status: (status) => post({ type: "status", status }),
  connecting: (excluded) => engine.connecting(excluded),
  hasRows: (key) => engine.sources.hasRows(key),
});

self.addEventListener("message", (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === "open") {
    engine.reset();
    stream.open(message.url, message.params, message.excluded);
  } else if (message.type === "narrow") stream.narrow(message.excluded);
  else if (message.type === "suspend") stream.suspend();
  else if (message.type === "resume") stream.resume();
  else engine.handle(message);
});
