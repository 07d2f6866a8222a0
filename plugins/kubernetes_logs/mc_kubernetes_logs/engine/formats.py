"""The formats of a stream: how rows and events become bytes."""

from __future__ import annotations

from typing import Literal

import msgspec

from mc_kubernetes_logs.engine.rendering import (
    CSV_HEAD,
    CompactRows,
    CsvRows,
    Labelled,
    ObjectRows,
    Renderer,
    TextRows,
    render_csv_notice,
)
from mc_sdk import JSON

FormatName = Literal["json", "ndjson", "sse", "text", "csv"]
Event = dict[str, JSON]


class Format(msgspec.Struct):
    """One format; `mime` is its content type."""

    name: FormatName
    mime: str
    rows: Renderer
    head: bytes = b""
    has_levels: bool = True
    has_events: bool = True

    def event(self, event: Event, source: Labelled | None = None) -> bytes:
        """Return an event's bytes; nothing where the format has no place for it.

        Text and CSV have a place for what is missing alone: a line of its own, which names the source.
        """
        if not self.has_events:
            return self._missing(event, source)
        body = msgspec.json.encode(event)
        if self.name == "sse":
            if event["type"] == "heartbeat":
                return HEARTBEAT
            if event["type"] == "cursor":
                return b"id: " + str(event["cursor"]).encode() + b"\n\n"
            return b"event: " + str(event["type"]).encode() + b"\ndata: " + body + b"\n\n"
        return body + b"\n"

    def _missing(self, event: Event, source: Labelled | None) -> bytes:
        is_missing = event["type"] == "gap" or event.get("change") == "refused"
        if not is_missing or self.name == "json":
            return b""
        words = " ".join(str(event.get("text") or event["cause"]).split())
        bounds = " to ".join(str(event[key]) for key in ("from", "to") if event.get(key))
        words = f"missing: {words}{f' ({bounds})' if bounds else ''}"
        if self.name == "csv":
            return render_csv_notice(source, words)
        name = f"{source.pod}/{source.container}: " if source is not None else ""
        return f"--- {name}{words} ---\n".encode()

    def failure(self, body: bytes, message: str) -> bytes:
        """Return what a fatal error looks like as the stream's last words."""
        if self.name == "sse":
            return render_sse_error(message)
        return body + b"\n" if self.has_events else b""


CONNECTED = b": connected\n\n"
HEARTBEAT = b": heartbeat\n\n"


def render_sse_error(message: str) -> bytes:
    """Return the released plugin's error frame: one data line per line of the message."""
    lines = message.encode("utf-8", "replace").replace(b"\r", b"").split(b"\n")
    return b"event: error\n" + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"


def make_format(name: FormatName, *, is_compact: bool = False, prefix: bool = True, timestamps: bool = True) -> Format:
    """Return a format for one stream; renderers keep what is constant per source."""
    match name:
        case "sse":
            return Format(name, "text/event-stream", ObjectRows(before=b"data: ", after=b"\n\n"), CONNECTED)
        case "ndjson" if is_compact:
            return Format(name, "application/x-ndjson", CompactRows())
        case "ndjson":
            return Format(name, "application/x-ndjson", ObjectRows())
        case "json":
            return Format(name, "application/json", ObjectRows(after=b","), has_events=False)
        case "csv":
            return Format(name, "text/csv", CsvRows(), CSV_HEAD, has_events=False)
        case "text":
            rows = TextRows(prefix=prefix, timestamps=timestamps)
            return Format(name, "text/plain", rows, has_levels=False, has_events=False)
