import { expect, test } from "vitest";
import { parseRoute, renderRoute, type Route } from "./route.ts";

function read(address: string): Route {
  const url = new URL(address, "http://shell");
  return parseRoute(url);
}

test.each([
  "/", "/plugins", "/?search=pay&health=unhealthy", "/items/42", "/items/42/item",
  "/items/42/postgres/0", "/plugins/postgres", "/?namespace=shop&tag=team%3Dpay",
  "/items/42/item?run=postgres%2Fquery&p.statement=select+%27a%26b%27&p.window.from=1", "/?run=tools%2Fabout", "/items/42/sql-server/overview?view=%2Fsessions%3Fq%3Da%2526b",
])("%s survives reading and writing", (address) => expect(renderRoute(read(address))).toBe(address));

test("a plugin may be called item", () => {
  expect(read("/items/42/item/0").place).toEqual({ page: "item", itemId: "42", tab: { kind: "plugin", plugin: "item", tab: "0", view: "" } });
});

test("an unknown address and a broken escape lead home or stay text", () => {
  expect(read("/nowhere").place).toEqual({ page: "home" });
  expect(parseRoute({ pathname: "/items/%E0", search: "" }).place).toMatchObject({ itemId: "%E0" });
});

test("a form's long value does not make an address that no server takes", () => {
  const run = { plugin: "p", operation: "o", values: { statement: "x".repeat(20_000), limit: "5" } };
  const address = renderRoute({ place: { page: "home" }, filters: {}, run });
  expect(address.length).toBeLessThan(6000);
  expect(read("/?run=broken").run).toBeNull();
});
