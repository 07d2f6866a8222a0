import { expect, test } from "vitest";
import { isPlanText } from "./planText.ts";

test.each([
  ["Seq Scan on orders  (cost=0.00..1.04 rows=4 width=8)", true],
  ['[{"Plan": {"Node Type": "Result"}}]', true],
  ["select '(cost=0.00..1.04 rows=4 width=8)'", false],
  ["explain select 1", false],
  ["[1, 2]", false],
  ["", false],
])("%s is a plan: %s", (text, expected) => expect(isPlanText(text)).toBe(expected));
