import { expect, test } from "vitest";
import { createMissionControlPluginClient, type ClientMode } from "./pluginClient.ts";

/** A client whose requests are kept instead of sent. */
function recording(mode: ClientMode = "proxy") {
  const sent: { url: string; init: RequestInit }[] = [];
  const keep = (async (url: string, init: RequestInit) => {
    sent.push({ url, init });
    return new Response("{}");
  }) as typeof fetch;
  return { client: createMissionControlPluginClient({ mode, baseUrl: "http://host/x/", fetch: keep }), sent };
}

test("an operation is invoked by POST with an empty object when nothing is given", async () => {
  const { client, sent } = recording();
  await client.New("postgres", "42").invoke("stats");
  expect(sent[0]?.url).toBe("http://host/x/api/plugins/postgres/invoke/stats?config_id=42");
  expect([sent[0]?.init.method, sent[0]?.init.body, sent[0]?.init.credentials]).toEqual(["POST", "{}", "same-origin"]);
});

test("GET turns the argument into a query and renames configId", async () => {
  const { client, sent } = recording("pass-through");
  await client.New("postgres").invoke("stats", { configId: "42", a: [1, 2] }, { method: "get", proxy: true });
  expect(sent[0]?.url).toBe("http://host/x/api/plugins/postgres/proxy/stats?config_id=42&a=1&a=2");
  expect([sent[0]?.init.body, sent[0]?.init.credentials]).toEqual([undefined, "include"]);
});

test("what cannot be a request throws", async () => {
  expect(() => createMissionControlPluginClient({ mode: "proxy", baseUrl: " " })).toThrow("baseUrl");
  const { client } = recording();
  expect(() => client.New("a/b")).toThrow("one path segment");
  await expect(client.New("a").invoke("")).rejects.toThrow("blank");
  await expect(client.New("a").invoke("x", [1], { method: "GET" })).rejects.toThrow("plain object");
});
