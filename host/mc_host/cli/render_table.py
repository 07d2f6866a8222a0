"""Tables that fit a terminal: which columns are worth their width, and what is said of the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from mc_host.cli.render_text import cell_text, is_moment, printable, title_of
from mc_wire.model import JSON

MAX_CELL = 60
_LONG = 30
"""A column wider than this can be cut and still be of use."""
_MIN_LONG = 20
_GAP = 2

_NAMES = ("name", "title")
_LAST = ("query", "statement", "message", "error", "description", "command")
_VITAL = re.compile(
    r"^(?:name|title|pid|user|state|status|health|phase|duration\w*|elapsed\w*|blocked\w*|query|statement|message|error)$",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"^(?:kind|type|namespace|level|severity|ready|reason|wait(?:ing|event\w*)?|size\w*|ok)$", re.IGNORECASE
)
_ID = re.compile(r"(?:^|_)(?:id|uuid|oid|uid)$|[a-z](?:Id|Uuid|Uid|Oid)$")


@dataclass(frozen=True)
class Column:
    """One column as text; of those that do not fit, the lowest `rank` goes first."""

    name: str
    title: str
    cells: list[Text] = field(repr=False)
    is_right: bool = False
    rank: int = 3

    @property
    def widest(self) -> int:
        """Cells that its longest text takes."""
        return min(MAX_CELL, max([len(self.title), *(cell.cell_len for cell in self.cells)]))

    @property
    def needed(self) -> int:
        """Cells it must have."""
        can_cut = self.widest > _LONG and not _ID.search(self.name)  # half an id is no id
        return max(len(self.title), _MIN_LONG) if can_cut else self.widest


def record_columns(rows: Sequence[dict[str, JSON]]) -> list[Column]:
    """Return the columns of objects: their name first, long text and moments last, empty ones left out."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    filled = [name for name in names if any(row.get(name) not in (None, "", [], {}) for row in rows)]
    columns = [_record_column(name, [row.get(name) for row in rows]) for name in filled]
    return sorted(columns, key=lambda column: _place(column.name, rows))


def _place(name: str, rows: Sequence[dict[str, JSON]]) -> int:
    if name in _NAMES:
        return 0
    if name in _LAST:
        return 3
    return 2 if any(is_moment(row.get(name)) for row in rows) else 1


def _record_column(name: str, values: Sequence[JSON]) -> Column:
    return Column(
        name=name,
        title=title_of(name),
        cells=[Text(cell_text(value, name)) for value in values],
        is_right=is_figures(values),
        rank=rank_of(name, values),
    )


def grid_columns(names: Sequence[str], rows: Sequence[Sequence[JSON]]) -> list[Column]:
    """Return the columns of a result whose names and order somebody has chosen: nothing is renamed or moved."""
    columns = []
    for at, name in enumerate(names):
        values = [row[at] if at < len(row) else None for row in rows]
        cells = [Text(cell_text(value)) for value in values]
        columns.append(Column(name, printable(name), cells, is_figures(values)))
    return columns


def is_figures(values: Sequence[JSON]) -> bool:
    """Do only figures stand here?"""
    return all((isinstance(value, int | float) and not isinstance(value, bool)) or value is None for value in values)


def rank_of(name: str, values: Sequence[JSON]) -> int:
    """Return how long a column stays when room is short: moments and ids go first, then what is the same everywhere."""
    present = [value for value in values if value not in (None, "")]
    if any(is_moment(value) for value in present):
        return 0
    if _VITAL.match(name):
        return 5
    if _TELLING.match(name):
        return 4
    if _ID.search(name) and name != "id":  # the row's own id is what the next command asks for
        return 1
    is_alike = len(values) > 1 and all(value == values[0] for value in values)
    is_dull = name.lower().endswith("description") or any(isinstance(value, bool | dict) for value in present)
    return 2 if is_alike or is_dull else 3


def choose_columns(columns: Sequence[Column], width: int) -> tuple[list[Column], list[Column]]:
    """Return the columns that fit, in their order, and those left out; one always stays."""
    kept = list(range(len(columns)))
    out: list[int] = []
    while len(kept) > 1 and not _fits(columns, kept, width):
        least = min(columns[at].rank for at in kept)
        # Of equals the last one goes, but not the text at the end, which can be cut.
        gone = max((columns[at].name not in _LAST, at) for at in kept if columns[at].rank == least)[1]
        kept.remove(gone)
        out.append(gone)
    for at in reversed(out):  # a wide one may have left room for narrower ones that went before it
        if columns[at].rank > 1 and _fits(columns, [*kept, at], width):
            kept.append(at)
    return [columns[at] for at in sorted(kept)], [columns[at] for at in sorted(set(out) - set(kept))]


def _fits(columns: Sequence[Column], places: Sequence[int], width: int) -> bool:
    return sum(columns[at].needed + _GAP for at in places) - _GAP <= width


def fitted_widths(columns: Sequence[Column], width: int) -> list[int]:
    """Return a width for each column: what is left over goes to those whose text is cut."""
    widths = [column.needed for column in columns]
    spare = width - sum(widths) - _GAP * (len(columns) - 1)
    for at, column in enumerate(columns):
        given = min(column.widest - widths[at], max(0, spare))
        widths[at] += given
        spare -= given
    return [min(each, width) for each in widths]


def table_parts(columns: Sequence[Column], count: int, width: int) -> list[RenderableType]:
    """Return the table, and below it what is not shown."""
    if count == 0 or not columns:
        return [Text("no rows", style="dim")]
    kept, out = choose_columns(columns, width)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for column, each in zip(kept, fitted_widths(kept, width), strict=True):
        justify: Literal["left", "right"] = "right" if column.is_right else "left"
        table.add_column(Text(column.title), justify=justify, no_wrap=True, overflow="ellipsis", max_width=each)
    for at in range(count):
        table.add_row(*(column.cells[at] for column in kept))
    if not out:
        return [table]
    names = ", ".join(column.title for column in out)
    return [table, Text(f"not shown for lack of width: {names}; --json has all", style="dim")]
