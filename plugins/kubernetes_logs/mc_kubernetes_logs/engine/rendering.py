"""Batches to the bytes of a format: one pass of escaping per block, constant parts per source and level."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from mc_kubernetes_logs.engine.batches import TEXT_AT
from mc_kubernetes_logs.engine.fields import read_fields
from mc_kubernetes_logs.engine.levels import CONTINUED, NAMES, UNKNOWN
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN, trimmed
from mc_sdk import JSON

_SEPARATOR = b"\x7f"  # JSON leaves it as it is, so an escaped block can be split again where its newlines were
encode = msgspec.json.encode


class Labelled(Protocol):
    """What a renderer needs to know of a source."""

    index: int
    namespace: str
    pod: str
    container: str
    node: str


class Extra(msgspec.Struct, omit_defaults=True):
    """What only some rows have."""

    fields: dict[str, JSON] | None = None
    cut: int = 0
    stream: str = ""
    late: bool = False
    partial: bool = False


Extras = dict[int, Extra]
"""By position in the lines that are rendered."""
Renderer = Callable[[Labelled, Sequence[bytes], Sequence[bytes], Extras], bytes]
"""(source, lines, levels, extras) to bytes; `levels` may be empty where the format shows none."""


def escape_lines(lines: Sequence[bytes]) -> list[bytes]:
    """Return lines as the inside of JSON strings; invalid UTF-8 becomes U+FFFD."""
    block = b"\n".join(lines)
    if _SEPARATOR in block:
        return [encode(line.decode("utf-8", "replace"))[1:-1] for line in lines]
    text = block.replace(b"\n", _SEPARATOR).decode("utf-8", "replace")
    return encode(text)[1:-1].split(_SEPARATOR)


class CompactRows:
    """`[source,"stamp","level","text"]` and a newline."""

    def __init__(self) -> None:
        self._heads: dict[tuple[int, bytes], bytes] = {}

    def __call__(self, source: Labelled, lines: Sequence[bytes], levels: Sequence[bytes], extras: Extras) -> bytes:
        """Return the rows."""
        escaped = escape_lines(lines)
        number = b"[%d," % source.index
        middles = {level: b'","' + level + b'","' for level in set(levels)}
        if extras or any(line[:1] == b" " for line in escaped):
            return self._with_extras(number, escaped, levels, extras)
        start = number + b'"'
        rows = [
            start + line[:STAMP_LEN] + middles[level] + line[TEXT_AT:]
            for line, level in zip(escaped, levels, strict=True)
        ]
        rows.append(b"")
        return b'"]\n'.join(rows)

    def _with_extras(self, number: bytes, escaped: Sequence[bytes], levels: Sequence[bytes], extras: Extras) -> bytes:
        rows = []
        for at, (line, level) in enumerate(zip(escaped, levels, strict=True)):
            stamp = line[:STAMP_LEN].strip()
            tail = b"," + encode(extras[at]) if at in extras else b""
            rows.append(number + b'"' + stamp + b'","' + level + b'","' + line[TEXT_AT:] + b'"' + tail + b"]\n")
        return b"".join(rows)


class ObjectRows:
    """The rows of the released plugin as JSON objects, with level and fields added where asked for."""

    def __init__(self, *, before: bytes = b"", after: bytes = b"\n", with_levels: bool = True) -> None:
        self._before = before
        self._after = after
        self._with_levels = with_levels
        self._parts: dict[int, tuple[bytes, bytes]] = {}

    def __call__(self, source: Labelled, lines: Sequence[bytes], levels: Sequence[bytes], extras: Extras) -> bytes:
        """Return the rows."""
        parts = self._parts.get(source.index)
        if parts is None:
            parts = self._parts[source.index] = self._render_parts(source)
        head, labels = parts
        tails = {level: self._tail(level, labels) for level in set(levels)} if levels else {}
        if not levels:
            levels, tails = [UNKNOWN] * len(lines), {UNKNOWN: labels + b"}" + self._after}
        escaped = escape_lines(lines)
        if extras or any(line[:1] == b" " for line in escaped):
            return self._with_extras(head, escaped, tails, levels, extras)
        middle = b'","timestamp":"'
        return b"".join([
            head + line[TEXT_AT:] + middle
            + (line[:29] if line[28] != 48 else trimmed(line[:STAMP_LEN])[:-1]) + tails[level]
            for line, level in zip(escaped, levels, strict=True)
        ])  # fmt: skip

    def _render_parts(self, source: Labelled) -> tuple[bytes, bytes]:
        head = b'{"pod":' + encode(source.pod) + b',"container":' + encode(source.container) + b',"line":"'
        labels = {"container": source.container, "namespace": source.namespace, "pod": source.pod}
        shown = {name: value for name, value in labels.items() if value}
        return self._before + head, (b',"labels":' + encode(shown) if shown else b"")

    def _tail(self, level: bytes, labels: bytes) -> bytes:
        shown = b""
        if self._with_levels and level == CONTINUED:
            shown = b',"continued":true'
        elif self._with_levels and level != UNKNOWN:
            shown = b',"level":"' + NAMES[level].encode() + b'"'
        return b'Z"' + shown + labels + b"}" + self._after

    def _with_extras(
        self,
        head: bytes,
        escaped: Sequence[bytes],
        tails: dict[bytes, bytes],
        levels: Sequence[bytes],
        extras: Extras,
    ) -> bytes:
        rows = []
        for at, (line, level) in enumerate(zip(escaped, levels, strict=True)):
            stamp, tail = line[:STAMP_LEN], tails[level]
            if at in extras and (more := encode(extras[at])[1:-1]):
                end = b"}" + self._after
                tail = tail[: -len(end)] + b"," + more + end
            if stamp == NO_STAMP:
                rows.append(head + line[TEXT_AT:] + b'"' + tail[2:])
            else:
                rows.append(head + line[TEXT_AT:] + b'","timestamp":"' + trimmed(stamp)[:-1] + tail)
        return b"".join(rows)


def _with_cuts(lines: Sequence[bytes], extras: Extras) -> Sequence[bytes]:
    """Return lines that say themselves how much of them is missing, for formats without a field for it."""
    cuts = {at: extra.cut for at, extra in extras.items() if extra.cut}
    if not cuts:
        return lines
    return [line + " … [%d bytes cut]".encode() % cuts[at] if at in cuts else line for at, line in enumerate(lines)]


class TextRows:
    """Lines as they were said, with the source in front where there are several, with the stamp if wanted."""

    def __init__(self, *, prefix: bool, timestamps: bool) -> None:
        self._prefix = prefix
        self._timestamps = timestamps

    def __call__(self, source: Labelled, lines: Sequence[bytes], levels: Sequence[bytes], extras: Extras) -> bytes:
        """Return the lines."""
        lines = _with_cuts(lines, extras)
        front = f"[{source.pod} {source.container}] ".encode() if self._prefix else b""
        if self._timestamps:
            if not front:
                return b"\n".join(lines) + b"\n"
            return front + (b"\n" + front).join(lines) + b"\n"
        texts = [line[TEXT_AT:] for line in lines]
        return front + (b"\n" + front).join(texts) + b"\n"


CSV_HEAD = b"timestamp,namespace,pod,container,level,message\r\n"


class CsvRows:
    """RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe."""

    def __call__(self, source: Labelled, lines: Sequence[bytes], levels: Sequence[bytes], extras: Extras) -> bytes:
        """Return the rows."""
        out = io.StringIO()
        writer = csv.writer(out)
        names = (source.namespace, source.pod, source.container)
        for line, level in zip(_with_cuts(lines, extras), levels, strict=True):
            text = line[TEXT_AT:].decode("utf-8", "replace")
            safe = "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
            stamp = line[:STAMP_LEN].decode().strip()
            writer.writerow((stamp, *names, NAMES.get(level, ""), safe))
        return out.getvalue().encode()


def render_csv_notice(source: Labelled | None, words: str) -> bytes:
    """Return a row without a stamp whose level is `notice`."""
    out = io.StringIO()
    names = (source.namespace, source.pod, source.container) if source is not None else ("", "", "")
    csv.writer(out).writerow(("", *names, "notice", words))
    return out.getvalue().encode()


def add_fields(lines: Sequence[bytes], extras: Extras) -> None:
    """Read the fields of structured lines into `extras`."""
    for at, line in enumerate(lines):
        fields = read_fields(line[TEXT_AT:])
        if fields:
            extra = extras.setdefault(at, Extra())
            extra.fields = fields
