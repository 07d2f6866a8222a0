"""How rows become CSV or JSON: mostly by the server's own COPY, the rest here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from mc_postgres.operations.export import ExportParams

# COPY's text of a JSON row is the row itself, unless it holds one of these; JSON escapes both inside strings.
QUOTE, DELIMITER = b"\x01", b"\x02"
JSON_OPTIONS = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
MIME = {"csv": "text/csv", "json": "application/json", "ndjson": "application/x-ndjson"}


class CsvFormat:
    """CSV as COPY writes it; null is nothing, the empty string is `""`."""

    def __init__(self, params: ExportParams) -> None:
        self._delimiter = params.delimiter
        self._is_safe = params.spreadsheet_safe
        self._header = params.header
        separator = re.escape(params.delimiter.encode())
        self._suspicious = re.compile(rb"(?:^|" + separator + rb')"?[=+\-@\t\r]')

    def copy(self, query: str) -> str:
        """Return the COPY statement for a query; its line breaks keep a comment at the query's end harmless."""
        delimiter = self._delimiter.replace("'", "''")
        header = "true" if self._header else "false"
        return f"COPY (\n{query}\n) TO STDOUT WITH (FORMAT csv, HEADER {header}, DELIMITER '{delimiter}')"

    def encode(self, rows: Sequence[memoryview], *, is_first: bool) -> bytes:
        """Return rows as a block."""
        if not self._is_safe:
            return b"".join(rows)
        return b"".join(self._neutralise(bytes(row)) for row in rows)

    def _neutralise(self, row: bytes) -> bytes:
        """Return a row in which no cell is a formula; a plain number stays one."""
        if not self._suspicious.search(row):
            return row
        cells = next(csv.reader([row.decode()], delimiter=self._delimiter))
        safe = [f"'{c}" if c.startswith(DANGEROUS) and not PLAIN_NUMBER.fullmatch(c) else c for c in cells]
        out = io.StringIO()
        csv.writer(out, delimiter=self._delimiter, lineterminator="\n").writerow(safe)
        return out.getvalue().encode()

    def opening(self) -> bytes:
        """Return what stands before the rows."""
        return b""

    def closing(self, rows: int, cut_by: str) -> bytes:
        """Return what stands behind the rows: a mark when not all are there."""
        return f"# truncated after {rows} rows: {cut_by} reached\n".encode() if cut_by else b""


class JsonFormat:
    """One object per row; as lines, or as one array."""

    def __init__(self, *, is_array: bool) -> None:
        self._is_array = is_array

    def copy(self, query: str) -> str:
        """Return the COPY statement for a query."""
        rows = f"SELECT pg_catalog.row_to_json(export_row) FROM (\n{query}\n) AS export_row"
        return f"COPY ({rows}) TO STDOUT WITH ({JSON_OPTIONS})"

    def encode(self, rows: Sequence[memoryview], *, is_first: bool) -> bytes:
        """Return rows as a block."""
        lines = [unwrap(bytes(row)) for row in rows]
        if not self._is_array:
            return b"\n".join(lines) + b"\n"
        return (b"" if is_first else b",\n") + b",\n".join(lines)

    def opening(self) -> bytes:
        """Return what stands before the rows."""
        return b"[\n" if self._is_array else b""

    def closing(self, rows: int, cut_by: str) -> bytes:
        """Return what stands behind the rows: a mark when not all are there."""
        mark = msgspec.json.encode({"truncated": True, "reason": cut_by, "rows": rows}) if cut_by else b""
        if not self._is_array:
            return mark + b"\n" if mark else b""
        return (b",\n" if mark and rows else b"") + mark + b"\n]\n"


def unwrap(row: bytes) -> bytes:
    """Return a row's JSON in one line; line breaks in it stand between tokens of a `json` value only."""
    row = row[:-1]
    if row[:1] == QUOTE:
        row = row[1:-1].replace(b"\r", b" ").replace(b"\n", b" ")
    return row


Format = CsvFormat | JsonFormat


def choose_format(params: ExportParams) -> Format:
    """Return the format that the params name."""
    return CsvFormat(params) if params.format == "csv" else JsonFormat(is_array=params.format == "json")
