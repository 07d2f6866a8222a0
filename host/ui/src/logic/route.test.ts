import { expect, test } from "vitest";
import { parseRoute, renderRoute, type Route } from "./route.ts";

function read(address: string): Route {
  const url = new URL(address, "http://shell");
  return parseRoute(url);
}

test.each([
  "/", "/plugins", "/?search=pay&health=unhealthy", "/items/42", "/items/42/item",
  "/items/42/postgres/0", "/items/42/sql-server/overview?view=%2Fsessions%3Fq%3Da%2526b",
])("%s survives reading and writing", (address) => expect(renderRoute(read(address))).toBe(address));

test("a plugin may be called item", () => {
  expect(read("/items/42/item/0").place).toEqual({ page: "item", itemId: "42", tab: { kind: "plugin", plugin: "item", tab: "0", view: "" } });
});

test("an unknown address and a broken escape lead home or stay text", () => {
  expect(read("/nowhere").place).toEqual({ page: "home" });
  expect(parseRoute({ pathname: "/items/%E0", search: "" }).place).toMatchObject({ itemId: "%E0" });
});
