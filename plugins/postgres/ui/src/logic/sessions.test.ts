import { expect, test } from "vitest";
import { clientLabel, outcomeText, parseFilter, rankSessions, sessionTone, stateLook, waitLabel } from "./sessions.ts";

test("what is wrong comes first", () => {
  const rows = [
    { pid: 1, state: "idle" },
    { pid: 2, state: "active", durationMs: 10 },
    { pid: 3, state: "active", blockedBy: [5] },
    { pid: 4, state: "active", durationMs: 900 },
    { pid: 5, state: "idle in transaction", blocks: 1 },
    { pid: 6, state: "idle in transaction" },
  ];
  expect(rankSessions(rows).map((row) => row.pid)).toEqual([5, 3, 6, 4, 2, 1]);
  expect(rows.map(sessionTone)).toEqual([undefined, undefined, "warning", undefined, "destructive", undefined]);
});

test("an idle client waits for nothing", () => {
  expect(waitLabel({ pid: 1, waitEventType: "Client", waitEvent: "ClientRead" })).toBe("");
  expect(waitLabel({ pid: 1, waitEventType: "Lock", waitEvent: "transactionid" })).toBe("Lock: transactionid");
});

test("a hidden row says so", () => expect(stateLook({ pid: 1, visible: false }).label).toBe("hidden"));

test("a client is its application, else its address", () => {
  expect(clientLabel({ pid: 1, applicationName: "psql", clientAddr: "10.0.0.1/32" })).toBe("psql");
  expect(clientLabel({ pid: 1, clientAddr: "10.0.0.1/32" })).toBe("10.0.0.1");
});

test("filters are read from the address, and only those set are sent", () => {
  expect(parseFilter(new URLSearchParams())).toEqual({ limit: 500 });
  expect(parseFilter(new URLSearchParams("db=app&idle=1&state=active&min=5000&q=lock&background=1"))).toEqual({
    limit: 500, database: "app", includeIdle: true, includeBackground: true, states: ["active"], minDurationMs: 5000, search: "lock",
  });
});

test("a refused signal names its reason", () => {
  expect(outcomeText("cancel", { pid: 7, ok: true })).toBe("Query of pid 7 cancelled.");
  expect(outcomeText("terminate", { pid: 7, ok: false, reason: "changed" })).toBe("Not terminated: the pid belongs to another session by now.");
});
