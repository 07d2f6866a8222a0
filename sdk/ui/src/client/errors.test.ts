import { expect, test } from "vitest";
import { asOperationError, errorFromBody, errorFromResponse } from "./errors.ts";

test("each known shape of a failure gives its message", () => {
  expect([{ error: "a" }, { message: "b" }, { msg: "c" }, {}, null].map((body) => errorFromBody(body, 500, "fallback").message)).toEqual([
    "a", "b", "c", "fallback", "fallback",
  ]);
});

test("code, hint and facts are kept, and say who is at fault", async () => {
  const body = JSON.stringify({ error: "no", code: "forbidden", hint: "ask", facts: { sqlstate: "42501" } });
  const error = await errorFromResponse(new Response(body, { status: 403 }));
  expect([error.message, error.hint, error.facts.sqlstate, error.isDenied, error.isSignedOut]).toEqual(["no", "ask", "42501", true, false]);
});

test("a failure that is no JSON keeps its text or its status", async () => {
  expect((await errorFromResponse(new Response("Bad Gateway", { status: 502 }))).message).toBe("Bad Gateway");
  expect((await errorFromResponse(new Response("", { status: 502, statusText: "Bad Gateway" }))).message).toBe("502 Bad Gateway");
});

test("no answer at all is the host's absence", () => {
  expect(asOperationError(new TypeError("Failed to fetch")).code).toBe("unreachable");
});
