import type { SourceInfo, SourceState, WireEvent } from "../protocol.ts";

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The containers of a stream, with numbers of our own that hold over reconnects. */
export class Sources {
  readonly all: SourceInfo[] = [];
  private readonly byKey = new Map<string, SourceInfo>();
  private numbers: SourceInfo[] = [];

  /** Numbers of the stream start anew with every connection. */
  reconnected(): void {
    this.numbers = [];
  }

  /** Return the source that a row of this connection names. */
  of(number: number): SourceInfo {
    return this.numbers[number] ?? this.added({ type: "source", source: number, key: `#${number}`, container: `#${number}` });
  }

  /** Has a line of the source with this key come yet? */
  hasRows(key: string): boolean {
    return this.byKey.get(key)?.hasRows ?? false;
  }

  indexes = (keys: readonly string[]): Set<number> => {
    const found = keys.map((key) => this.byKey.get(key)?.index);
    return new Set(found.filter((index) => index !== undefined));
  };

  /** Take a `source` event. */
  change(event: WireEvent): SourceInfo {
    const number = Number(event.source);
    if (event.change === "added") return this.added(event);
    const source = this.of(number);
    const states: Record<string, SourceState> = { opened: "open", waiting: "waiting", restarted: "open", ended: "ended", removed: "removed", refused: "refused", excluded: "excluded" };
    source.state = states[text(event.change)] ?? source.state;
    source.reason = text(event.reason) || text(event.code);
    if (typeof event.restarts === "number") source.restarts = event.restarts;
    if (event.historyFrom) source.historyFrom = text(event.historyFrom);
    return source;
  }

  skews(skewMs: unknown): void {
    if (typeof skewMs !== "object" || skewMs === null) return;
    for (const [number, ms] of Object.entries(skewMs)) this.of(Number(number)).skewMs = Number(ms);
  }

  private added(event: WireEvent): SourceInfo {
    const key = text(event.key);
    let source = this.byKey.get(key);
    if (!source) {
      source = {
        index: this.all.length,
        key,
        namespace: text(event.namespace),
        pod: text(event.pod),
        container: text(event.container),
        kind: text(event.kind) || "main",
        node: text(event.node),
        owner: text(event.owner),
        revision: text(event.revision),
        state: "new",
        reason: "",
        restarts: 0,
        historyFrom: "",
        skewMs: 0,
        hasRows: false,
      };
      this.all.push(source);
      this.byKey.set(key, source);
    }
    this.numbers[Number(event.source)] = source;
    return source;
  }
}
