"""Text-format cells to JSON values by type OID, a chunk of rows at a time.

psycopg's C loaders do the bulk (numbers, booleans, text); what JSON, or JavaScript's numbers, cannot hold is mended
per column. psycopg's own date loaders would fail on `infinity`, BC and year 10000, and lose months of intervals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from psycopg import adapt
from psycopg.types.bool import BoolLoader
from psycopg.types.numeric import FloatLoader, IntLoader
from psycopg.types.string import TextLoader

from mc_postgres.type_names import type_name
from mc_sdk import JSON
from mc_sql.results import CELL_SAFE_CHARS, CellCap, Column, Row

if TYPE_CHECKING:
    from mc_postgres.parts import Part

Cells = Sequence[JSON]
Mend = Callable[[Cells], Cells]

BOOL = 16
INT8 = 20
INTEGERS = (INT8, 21, 23, 26, 28, 29)
FLOATS = (700, 701)
DATE, TIMESTAMP, TIMESTAMPTZ = 1082, 1114, 1184
SAFE_INTEGER = 2**53 - 1
"""Beyond it a browser's numbers lose digits."""

STAMP = re.compile(
    r"(?P<year>\d{4,})-(?P<day>\d\d-\d\d)(?: (?P<time>\d\d:\d\d:\d\d(?:\.\d+)?)(?P<zone>[+-][\d:]+)?)?(?P<bc> BC)?"
)


def build_adapters() -> adapt.AdaptersMap:
    """Return psycopg's adaptation with text for every type but numbers and booleans."""
    adapters = adapt.AdaptersMap()
    adapters.register_loader(0, TextLoader)
    adapters.register_loader(BOOL, BoolLoader)
    for oid in INTEGERS:
        adapters.register_loader(oid, IntLoader)
    for oid in FLOATS:
        adapters.register_loader(oid, FloatLoader)
    return adapters


class _Adaptation:
    """The part of a connection that psycopg's transformer looks at."""

    def __init__(self) -> None:
        self.adapters = build_adapters()
        self.connection = None


_ADAPTATION = _Adaptation()


class RowRenderer:
    """Renders the parts of one result set; `cap.cut_count` counts the cells that were too long."""

    def __init__(self, columns: Sequence[tuple[str, int]], cap: CellCap) -> None:
        self.columns = [Column(name=name, type=type_name(oid)) for name, oid in columns]
        self.cap = cap
        self._oids = [oid for _, oid in columns]
        self._mends = [mend_of(oid, cap) for _, oid in columns]
        # A real connection would add the loaders of its own.
        self._transformer = adapt.Transformer.from_context(_ADAPTATION)

    def rows(self, part: Part, limit: int | None = None) -> list[Row]:
        """Return the part's rows, at most `limit`, as tuples of JSON values."""
        count = part.row_count if limit is None else min(limit, part.row_count)
        if count == 0:
            return []
        if not self._mends:
            return [()] * count
        self._transformer.set_pgresult(part.result)
        try:
            rows = self._transformer.load_rows(0, count, tuple)
        except UnicodeDecodeError:  # before 14, the type "char" may be any byte
            rows = [load_leniently(part, row, self._oids) for row in range(count)]
        if not any(self._mends):
            return rows
        cells = zip(*rows, strict=True)
        mended = [column if mend is None else mend(column) for mend, column in zip(self._mends, cells, strict=True)]
        return list(zip(*mended, strict=True))


def load_leniently(part: Part, row: int, oids: Sequence[int]) -> Row:
    """Return a row whose text is not all UTF-8, with replacement characters."""
    cells = (part.result.get_value(row, column) for column in range(len(oids)))
    return tuple(None if cell is None else load_cell(cell, oid) for cell, oid in zip(cells, oids, strict=True))


def load_cell(cell: bytes, oid: int) -> JSON:
    """Return what psycopg's loaders would return, for any bytes."""
    if oid == BOOL:
        return cell == b"t"
    if oid in INTEGERS:
        return int(cell)
    return float(cell) if oid in FLOATS else cell.decode(errors="replace")


def mend_of(oid: int, cap: CellCap) -> Mend | None:
    """Return what has to be done to a column of this type, None when the loaders suffice."""
    if oid == INT8:
        return mend_integers
    if oid in FLOATS:
        return mend_floats
    if oid in (DATE, TIMESTAMP, TIMESTAMPTZ):
        return mend_stamps
    if oid == BOOL or oid in INTEGERS:
        return None
    return lambda cells: cap_texts(cells, cap)


def mend_integers(cells: Cells) -> Cells:
    """Spell integers that JavaScript cannot hold as text."""
    return [str(cell) if type(cell) is int and not -SAFE_INTEGER <= cell <= SAFE_INTEGER else cell for cell in cells]


def mend_floats(cells: Cells) -> Cells:
    """Spell NaN and the infinities as the server does."""
    return [spell_float(cell) if type(cell) is float and not math.isfinite(cell) else cell for cell in cells]


def spell_float(value: float) -> str:
    """Return `NaN`, `Infinity` or `-Infinity`."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def mend_stamps(cells: Cells) -> Cells:
    """Spell dates and timestamps as RFC 3339."""
    return [render_stamp(cell) if type(cell) is str else cell for cell in cells]


def render_stamp(text: str) -> str:
    """Return an ISO date or timestamp of the server as RFC 3339, anything else (infinity, another style) unchanged.

    A year before Christ counts astronomically: 44 BC is -0043.
    """
    match = STAMP.fullmatch(text)
    if match is None:
        return text
    year = match["year"] if match["bc"] is None else f"{1 - int(match['year']):05d}"
    return f"{year}-{match['day']}T{match['time'] or '00:00:00'}{render_zone(match['zone'])}"


def render_zone(zone: str | None) -> str:
    """Return an offset such as `+02` as RFC 3339 writes it; none and zero are `Z`."""
    if zone is None or zone in ("+00", "-00"):
        return "Z"
    return zone if ":" in zone else f"{zone}:00"


def cap_texts(cells: Cells, cap: CellCap) -> Cells:
    """Cut texts that are too long for a cell."""
    if all(cell is None or len(cell) <= CELL_SAFE_CHARS for cell in cells):
        return cells
    return [cap.cut(cell) if type(cell) is str and len(cell) > CELL_SAFE_CHARS else cell for cell in cells]
