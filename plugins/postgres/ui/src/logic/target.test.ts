import { expect, test } from "vitest";
import { isFallback, serverLabel } from "./target.ts";

const capturedAt = "2026-01-01T00:00:00Z";

test("all known parts are named", () => {
  const instance = { serverName: "10.1.2.3/32", port: 5432, user: "app", databaseName: "shop", serverVersionNum: 160_004, inRecovery: false };
  expect(serverLabel({ capturedAt, instance })).toBe("app@10.1.2.3:5432/shop · 16.4 primary");
});

test("a socket, an old answer and an IPv6 address are named too", () => {
  expect(serverLabel({ capturedAt, instance: { databaseName: "app", productVersion: "PostgreSQL 15.18 (Debian)" } })).toBe("local socket/app · 15.18");
  expect(serverLabel({ capturedAt, instance: { serverName: "::1/128", port: 5433, inRecovery: true } })).toBe("[::1]:5433 · standby");
});

test("how the item led to the server is no name of it", () => {
  const stats = { capturedAt, target: { isFallback: true }, instance: { databaseName: "app", port: 5432, serverVersionNum: 160_004 } };
  expect([serverLabel(stats), isFallback(stats)]).toEqual(["local socket:5432/app · 16.4", true]);
});

test("the plugin's own words win", () => {
  expect(serverLabel({ capturedAt, target: "me@db:1/x", instance: { serverVersionNum: 170_000 } })).toBe("me@db:1/x · 17.0");
});
