import { expect, test } from "vitest";
import { fieldsText, filterLog, levelOf } from "./logLines.ts";

const record = (level: string, message: string, fields = {}) => ({ at: "2026-01-02T03:04:05Z", level, message, fields });
const LOG = [record("debug", "tick"), record("warn", "slow query", { ms: 900, plugin: "p" }), record("critical", "gone", { "@module": "m" })];

test("levels of every logger have one of ours", () => expect(["WARN", "fatal", "notice", "trace"].map(levelOf)).toEqual(["warning", "error", "info", "trace"]));

test("what every record says is not repeated", () => expect(LOG.map(fieldsText)).toEqual(["", "ms=900", ""]));

test("a log is narrowed by level and by words, those of fields too", () => {
  const messages = (level: "trace" | "warning" | "error", words: string) => filterLog(LOG, level, words).map((one) => one.message);
  expect([messages("trace", ""), messages("warning", ""), messages("error", ""), messages("trace", "ms=900 SLOW")]).toEqual([["tick", "slow query", "gone"], ["slow query", "gone"], ["gone"], ["slow query"]]);
});
