"""The params of the operations: one struct for everything that reads lines, and what follows from its values."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from mc_sdk import Struct

Texts = list[str] | str
"""A list, or one text; names may be separated by commas, expressions may not."""
Rows = Literal["objects", "compact"]
TailLines = Annotated[int, msgspec.Meta(le=10_000_000)]


class SelectionParams(Struct):
    """Which pods and containers of the item."""

    namespace: Texts = ""
    pod: Texts = ""
    """Pods of the item only."""
    container: Texts = ""
    """Names or expressions that match whole names."""
    exclude_container: Texts = ""
    exclude_pod: Texts = ""
    exclude_source: Texts = ""
    """Keys of sources as a stream names them; they are told of, and not read."""
    init: bool = False
    """Init containers too."""
    ephemeral: bool = False
    """Ephemeral containers too."""


class LineParams(SelectionParams):
    """Which lines of them."""

    previous: bool = False
    """The instance before the current one."""
    since: str = ""
    """A duration (15m, 2h30m, 7d) or an RFC 3339 time."""
    until: str = ""
    tail_lines: TailLines | None = None
    """Last lines per container."""
    head: int = 0
    """At most so many rows per container."""
    grep: Texts = ""
    """Expressions of which one must match the message (RE2)."""
    exclude: Texts = ""
    ignore_case: bool = False
    level: str = ""
    """`error,fatal` or `>=warn`."""
    hide_unknown: bool = False
    """Leave out lines whose level is not known."""
    fields: bool = False
    """Read JSON and logfmt into fields."""


class LogsParams(LineParams):
    """A snapshot, or a stream."""

    follow: bool | None = None
    backlog: int = 0
    """With follow: lines per container before the live ones; -1 for all."""
    order: Literal["", "arrival", "time"] = ""
    format: Literal["", "json", "ndjson", "sse", "text", "csv"] = ""
    rows: Rows = "objects"
    cursor: str = ""
    backlog_source: Texts = ""
    """With a cursor: keys of sources that are new to the client and begin with the backlog."""
    overflow: Literal["drop", "block"] = "drop"
    events: bool = False
    """Kubernetes Events of the pods between the lines."""
    timestamps: bool = True
    """In text: the stamp in front of each line."""
    prefix: Literal["auto", "true", "false"] = "auto"
    """In text: the source in front of each line."""


class DownloadParams(LineParams):
    """A file of lines."""

    format: Literal["text", "ndjson", "csv"] = "text"
    gzip: bool = False
    order: Literal["", "arrival", "time"] = ""
    timestamps: bool = True
    prefix: Literal["auto", "true", "false"] = "auto"


class HistogramParams(LineParams):
    """Lines over time."""

    buckets: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 60


class ContextParams(Struct):
    """Lines around one line."""

    pod: str
    container: str
    stamp: str
    """May be empty for local logs whose lines have none, with `text`."""
    text: str = ""
    """How its message begins: tells lines of one stamp apart."""
    namespace: str = ""
    before: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 20
    after: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 20
    previous: bool = False


class ContainerParams(Struct):
    """One container."""

    pod: str
    container: str
    namespace: str = ""


class EventsParams(Struct):
    """Kubernetes Events of the item's pods."""

    namespace: Texts = ""
    pod: Texts = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 200


def names(value: Texts) -> list[str]:
    """Return names, split at commas."""
    parts = value.split(",") if isinstance(value, str) else [one for text in value for one in text.split(",")]
    return [part.strip() for part in parts if part.strip()]


def patterns(value: Texts) -> list[str]:
    """Return expressions, unsplit."""
    return [value] if isinstance(value, str) and value else [one for one in value if one] if value else []
