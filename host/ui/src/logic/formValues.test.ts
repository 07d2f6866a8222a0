import { expect, test } from "vitest";
import { buildParams, shareableValues, toLocalInput, type FormValues } from "./formValues.ts";
import { readSchema } from "./schema.ts";

const build = (properties: Record<string, unknown>, values: FormValues, required: string[] = []) => buildParams(readSchema({ properties, required }), values);

test("values become what the schema says", () => {
  const properties = {
    s: { type: "string" }, i: { type: "integer" }, n: { type: "number" }, b: { type: "boolean" }, e: { enum: [1, "one"] }, l: { type: "array", items: { type: "integer" } },
    c: { type: "array", items: { enum: ["x", "y"] } }, o: { type: "object" }, a: {}, t: { type: "string", format: "date-time" }, k: { const: 3 },
  };
  const values = { s: " a ", i: "-7", n: "1.5", b: "false", e: "1", l: "1\n 2\n\n", c: "y\nx", o: '{"a":[1]}', a: "free text", t: "2026-01-02T03:04:05Z" };
  expect(build(properties, values)).toEqual({
    params: { s: " a ", i: -7, n: 1.5, b: false, e: 1, l: [1, 2], c: ["y", "x"], o: { a: [1] }, a: "free text", t: "2026-01-02T03:04:05.000Z", k: 3 },
    problems: {},
  });
});

test.each([
  [{ type: "integer", maximum: 5 }, "6", "must be at most 5"], [{ type: "integer", minimum: 1 }, "0", "must be at least 1"],
  [{ type: "integer" }, "1.5", "must be a whole number"], [{ type: "integer" }, "99999999999999999999", "is too large to be exact"], [{ type: "number" }, "x", "must be a number"],
  [{ type: "object" }, "{", "must be JSON"], [{ enum: ["a", "b"] }, "c", "must be one of a, b"], [{ type: "string", minLength: 2 }, "a", "must have at least 2 characters"],
  [{ type: "string", format: "date-time" }, "soon", "must be a date and a time"], [{ type: "array", items: { type: "integer" } }, "1\nx", "must be a number"],
])("%j refuses %s", (schema, value, problem) => expect(build({ f: schema }, { f: value }).problems).toEqual({ f: problem }));

test("nothing entered is nothing sent; what is required is said", () => {
  const properties = { a: { type: "string" }, b: { type: "boolean", default: true }, c: { type: ["string", "null"] }, d: { type: "integer", default: 1 }, e: { type: "boolean" } };
  expect(build(properties, {})).toEqual({ params: {}, problems: {} });
  expect(build(properties, {}, ["a", "b", "c", "d", "e"])).toEqual({ params: { b: true, c: null, e: false }, problems: { a: "is required" } });
});

test("a group is sent when something in it is, and only then its own must be there", () => {
  const properties = { window: { type: "object", required: ["from"], properties: { from: { type: "integer" }, to: { type: "integer" } } } };
  expect(build(properties, {})).toEqual({ params: {}, problems: {} });
  expect(build(properties, { "window.to": "2" })).toEqual({ params: { window: { to: 2 } }, problems: { "window.from": "is required" } });
});

test("the address holds no secret and nothing that no field takes", () => {
  const fields = readSchema({ properties: { user: { type: "string" }, password: { type: "string" } } });
  expect(shareableValues(fields, { user: "a", password: "b", other: "c" })).toEqual({ user: "a" });
});

test("moments are shown in local time", () => {
  expect(new Date(toLocalInput("2026-01-02T03:04:05Z")).toISOString()).toBe("2026-01-02T03:04:05.000Z");
  expect(toLocalInput("soon")).toBe("");
});
