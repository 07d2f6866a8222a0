import { expect, test } from "vitest";
import { parseLook } from "./shell.ts";

const BEFORE = { theme: "light", density: "comfortable", locale: "en" } as const;

test("what the shell says is taken, what is unknown keeps its value", () => {
  expect(parseLook({ theme: "dark", density: "compact", timeZone: "UTC" }, BEFORE)).toEqual({ theme: "dark", density: "compact", locale: "en", timeZone: "UTC" });
  expect(parseLook({ theme: "pink", density: 3, locale: null }, BEFORE)).toEqual({ ...BEFORE, timeZone: undefined });
});
