import { expect, test } from "vitest";
import { renderCsv, renderJson, rowObject, slug } from "./export.ts";

test("CSV quotes what needs it and tells null from empty", () => {
  const csv = renderCsv(["id", "no,te"], [[1, 'say "hi"'], [null, ""], [{ a: 1 }, "line\nbreak"]]);
  expect(csv).toBe('id,"no,te"\n1,"say ""hi"""\n,""\n"{""a"":1}","line\nbreak"\n');
});

test("repeated columns survive in JSON", () => {
  expect(rowObject(["id", "id"], [1, 2])).toEqual({ id: 1, id_2: 2 });
  expect(JSON.parse(renderJson(["a"], [[1], [null]]))).toEqual([{ a: 1 }, { a: null }]);
});

test("slug keeps letters and digits", () => expect([slug("My DB!", "x"), slug("--", "results")]).toEqual(["my-db", "results"]));
