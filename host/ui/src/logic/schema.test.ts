import { expect, test } from "vitest";
import { findField, leafFields, readSchema } from "./schema.ts";

const kinds = (properties: Record<string, unknown>, more = {}) =>
  Object.fromEntries(readSchema({ type: "object", properties, ...more }).map((field) => [field.name, field.kind]));

test("each kind of value has its field", () => {
  const properties = {
    text: { type: "string" }, statement: { type: "string" }, password: { type: "string" }, since: { type: "string", format: "date-time" },
    day: { type: "string", format: "date" }, count: { type: "integer" }, ratio: { type: "number" }, isLoud: { type: "boolean" },
    mode: { enum: ["read", "write"] }, version: { const: 2 }, names: { type: "array", items: { type: "string" } }, levels: { type: "array", items: { enum: ["a", "b"] } },
    parts: { type: "array", items: { type: "object" } }, labels: { type: "object", additionalProperties: { type: "string" } },
    window: { type: "object", properties: { from: { type: "string" } } }, anything: {}, mixed: { anyOf: [{ type: "integer" }, { type: "string" }] },
  };
  expect(kinds(properties)).toEqual({
    text: "text", statement: "code", password: "secret", since: "time", day: "date", count: "integer", ratio: "number", isLoud: "boolean", mode: "choice",
    version: "constant", names: "list", levels: "choices", parts: "json", labels: "json", window: "group", anything: "any", mixed: "any",
  });
});

test("null among the alternatives makes a field one may leave out", () => {
  const [a, b, c, d] = readSchema({
    properties: { a: { anyOf: [{ enum: ["x", "y"] }, { type: "null" }], default: null }, b: { type: ["integer", "null"], maximum: 5 }, c: { enum: [1, null] }, d: { oneOf: [{ const: "p" }, { const: "q" }] } },
  });
  expect([a?.kind, a?.isNullable, a?.defaultText, a?.options.map((one) => one.text)]).toEqual(["choice", true, "", ["x", "y"]]);
  expect([b?.kind, b?.isNullable, b?.maximum]).toEqual(["integer", true, 5]);
  expect([c?.isNullable, c?.options]).toEqual([true, [{ text: "1", value: 1 }]]);
  expect(d?.options.map((one) => one.value)).toEqual(["p", "q"]);
});

test("references are followed, and those that go in circles end", () => {
  const schema = {
    $ref: "#/$defs/Params",
    $defs: { Params: { type: "object", required: ["range"], properties: { range: { $ref: "#/$defs/Range", description: "which" }, self: { $ref: "#/$defs/Params" } } }, Range: { type: "object", properties: { from: { type: "integer" } } } },
  };
  const [range, self] = readSchema(schema);
  expect([range?.help, range?.isRequired, range?.fields[0]?.path]).toEqual(["which", true, "range.from"]);
  expect(self?.kind).toBe("group");
  expect(leafFields(readSchema(schema)).length).toBeLessThan(40);
});

test("what must be there comes first, switches and groups last", () => {
  const properties = { z: { type: "boolean" }, group: { type: "object", properties: { a: {} } }, b: { type: "string" }, a: { type: "string" }, must: { type: "boolean" } };
  expect(readSchema({ properties, required: ["must"] }).map((field) => field.name)).toEqual(["must", "a", "b", "z", "group"]);
});

test("the author's order comes before all", () => {
  const properties = { a: { type: "string" }, b: { type: "boolean" }, c: { type: "string" }, extra: { type: "string" } };
  expect(readSchema({ properties, required: ["a"], "x-order": ["b", "c", "a"] }).map((field) => field.name)).toEqual(["b", "c", "a", "extra"]);
});

test("bounds and defaults are known", () => {
  const [count] = readSchema({ properties: { count: { type: "integer", exclusiveMinimum: 0, maximum: 500, default: 10 } } });
  expect([count?.minimum, count?.maximum, count?.defaultText]).toEqual([1, 500, "10"]);
});

test("an error finds its field in either spelling", () => {
  const fields = readSchema({ properties: { rowLimit: { type: "integer" }, window: { type: "object", properties: { fromTime: { type: "string" } } } } });
  expect(["rowLimit", "row_limit", "$.rowLimit", "params.rowLimit"].map((name) => findField(fields, name)?.path)).toEqual(Array(4).fill("rowLimit"));
  expect([findField(fields, "window.from_time")?.path, findField(fields, "nope"), findField(fields, undefined)]).toEqual(["window.fromTime", undefined, undefined]);
});

test("no schema, no fields", () => expect([readSchema(undefined), readSchema({ type: "object" }), readSchema([])]).toEqual([[], [], []]));
