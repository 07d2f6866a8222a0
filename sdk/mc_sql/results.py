"""Rows on their way to a caller: columns, caps on cells and bytes, JSON arrays in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mc_sdk import JSON, Struct

CELL_CAP_BYTES = 64 * 1024
CELL_SAFE_CHARS = CELL_CAP_BYTES // 4
"""Text of that many characters fits whatever they are, so that only longer cells are measured."""
BLOCK_BYTES = 64 * 1024
RESPONSE_BYTES = 8 * 1024 * 1024
RESPONSE_SPARE_BYTES = 512 * 1024
"""Kept free for statements, columns and notices beside the rows."""

Row = tuple[JSON, ...]
_encoder = msgspec.json.Encoder()


class Column(Struct, omit_defaults=True):
    """One column of a result: its name and the type's name as the plugin's interface spells it."""

    name: str
    type: str = ""


class Notice(Struct, omit_defaults=True):
    """A message that the database sent beside the result."""

    severity: str
    message: str
    sqlstate: str | None = None
    detail: str | None = None
    hint: str | None = None


class CellCap:
    """Cuts text that is too long for a cell, and counts the cuts."""

    def __init__(self, cap_bytes: int = CELL_CAP_BYTES) -> None:
        self.cap_bytes = cap_bytes
        self.cut_count = 0

    def cut(self, text: str) -> str:
        """Return `text`, or as much of its start as fits into the cap."""
        encoded = text.encode(errors="replace")
        if len(encoded) <= self.cap_bytes:
            return text
        self.cut_count += 1
        return encoded[: self.cap_bytes].decode(errors="ignore")


def encode_rows(rows: Iterable[Sequence[JSON]]) -> bytes:
    """Return one JSON array per row, each on a line of its own."""
    return _encoder.encode_lines(rows)


def encode_line(value: Any) -> bytes:
    """Return one value as a line of JSON."""
    return _encoder.encode(value) + b"\n"


class RowCollector:
    """Rows of one result set in memory, already as JSON, within a share of the response's bytes."""

    def __init__(self, columns: Sequence[Column], *, as_arrays: bool, budget_bytes: int) -> None:
        self._names = [column.name for column in columns]
        self._as_arrays = as_arrays
        self._budget_bytes = budget_bytes
        self._parts: list[bytes] = []
        self.size_bytes = 0
        self.count = 0

    def add(self, rows: Sequence[Row]) -> bool:
        """Take rows; False when the bytes are used up and the rest was left out."""
        for row in rows:
            encoded = _encoder.encode(row if self._as_arrays else dict(zip(self._names, row, strict=True)))
            if self.size_bytes + len(encoded) + 1 > self._budget_bytes:
                return False
            self._parts.append(encoded)
            self.size_bytes += len(encoded) + 1
            self.count += 1
        return True

    def rows(self) -> msgspec.Raw | None:
        """Return the rows as one JSON array; None when there are none."""
        return msgspec.Raw(b"[" + b",".join(self._parts) + b"]") if self._parts else None
