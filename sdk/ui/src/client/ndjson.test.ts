import { afterEach, expect, test, vi } from "vitest";
import { LineSplitter, streamNdjson } from "./ndjson.ts";

afterEach(() => vi.unstubAllGlobals());

/** Let the page be a plugin's, and the host answer with these chunks. */
function answerWith(chunks: string[], status = 200): void {
  vi.stubGlobal("window", { location: { pathname: "/api/plugins/p/ui/", search: "?config_id=1" } });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
  vi.stubGlobal("fetch", async () => new Response(body, { status }));
}

async function read(): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const batch of streamNdjson("query-stream", {})) lines.push(...batch);
  return lines;
}

test("lines are whole however they are cut", () => {
  const splitter = new LineSplitter();
  expect([splitter.push('{"a"'), splitter.push(":1}\n\n[2"), splitter.push("]\n3"), splitter.end(), splitter.end()]).toEqual([[], ['{"a":1}'], ["[2]"], ["3"], []]);
});

test("a stream gives its values, the last without a newline too", async () => {
  answerWith(['{"type":"set"}\n[1,', "null]\n", '{"type":"done"}']);
  expect(await read()).toEqual([{ type: "set" }, [1, null], { type: "done" }]);
});

test("a failure inside the stream comes after what arrived before it", async () => {
  answerWith(['[1]\n{"error":"boom","code":"invalid","facts":{"sqlstate":"42703"}}\n']);
  const seen: unknown[] = [];
  const failing = (async () => {
    for await (const batch of streamNdjson("query-stream", {})) seen.push(...batch);
  })();
  await expect(failing).rejects.toMatchObject({ name: "OperationError", message: "boom", facts: { sqlstate: "42703" } });
  expect(seen).toEqual([[1]]);
});

test("a failure before the stream is the body's error", async () => {
  answerWith(['{"error":"no such column","code":"invalid"}'], 400);
  await expect(read()).rejects.toMatchObject({ message: "no such column", status: 400 });
});

test("a stream that breaks in the middle of a line fails", async () => {
  answerWith(['{"type":"set"}\n[1,']);
  await expect(read()).rejects.toMatchObject({ name: "OperationError" });
});
