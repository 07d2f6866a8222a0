import { describe, expect, it } from "vitest";
import { patternOfLine, patternOfText } from "./template.ts";

describe("the pattern of a line", () => {
  const cases: [string, string][] = [
    ["GET /orders/8123 200 in 34 ms", "GET /orders/<n> <n> in <n> ms"],
    ["took 3.4s, 1,204 rows, 12%", "took <n>s, <n> rows, <n>%"],
    ["connected to 10.0.0.1:5432 from 192.168.1.20.", "connected to <ip> from <ip>."],
    ["request 3f2b8c1e-9d4a-4f6b-8e2a-1c3d5e7f9a0b done", "request <uuid> done"],
    ["user deadbeef-dead-beef-dead-beefdeadbeef left", "user <uuid> left"],
    ["commit 9fceb02d0ae598e95dc970b74767f19372d61af8 at 0x7ffe12", "commit <hex> at <hex>"],
    ['user "bob o\'neil" and \'eve\' can\'t log in', "user \"…\" and '…' can't log in"],
    ["2026-01-02T10:00:00.123Z INFO worker-3 up at 10:00:01", "INFO worker-<n> up at <time>"],
    ["[2026/01/02 10:00:00,5 +0200] up", "up"],
    ["pod checkout-7d9f-x2kq is ready", "pod checkout-<id>-<id> is ready"],
    ["http2 stream7 v1.2.3", "http<n> stream<n> v<n>.<n>"],
    ["décès à 5 h", "décès à <n> h"],
    ["no numbers, nothing varies: dead beef", "no numbers, nothing varies: dead beef"],
    ['"unfinished 5', '"unfinished <n>'],
    ["", ""],
  ];
  it.each(cases)("%s", (text, pattern) => expect(patternOfText(text)).toBe(pattern));

  it("is that of the message where a line has fields", () => {
    expect(patternOfLine('{"level":"warn","msg":"retrying payment 7","attempt":3}')).toBe("retrying payment <n>");
    expect(patternOfLine('ts=now level=info msg="order 5 accepted" id=8123')).toBe("order <n> accepted");
    expect(patternOfLine('{"attempt":3,"who":"bob"}')).toBe('{"attempt":<n>,"who":"…"}');
    expect(patternOfLine("\x1b[32mready\x1b[0m in \x1b[1m12 s\x1b[0m")).toBe("ready in <n> s");
  });

  it("takes time in proportion to the line, whatever is in it", () => {
    const begun = performance.now();
    for (const part of ['"', "'", "1", "a1-", "12:", "10.", "\\", "1,"]) patternOfText(part.repeat(200_000));
    expect(performance.now() - begun).toBeLessThan(50);
  });
});
