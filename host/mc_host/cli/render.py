"""Draws JSON in a terminal: arrays of objects as tables, objects as maps and trees."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import msgspec

from mc_wire.model import JSON

_MAX_CELL = 60
_PIPE_WIDTH = 200

Rows = Sequence[Sequence[JSON]]


def draw_bytes(data: bytes, *, as_json: bool) -> None:
    """Print an answer: verbatim, drawn when it is JSON, else as it is."""
    if as_json:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        value = msgspec.json.decode(data)
    except msgspec.DecodeError:
        sys.stdout.write(printable(data.decode("utf-8", "replace"), keep_lines=True))
        return
    draw(value)


def draw(value: JSON) -> None:
    """Print a JSON value for people."""
    from rich.console import Console

    width = shutil.get_terminal_size((_PIPE_WIDTH, 40)).columns
    console = Console(width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        _draw_table(console, *_table_of(value))
    elif isinstance(value, dict) and _is_grid(value):
        names = [str(column["name"]) if isinstance(column, dict) else str(column) for column in value["columns"]]
        _draw_table(console, names, [_cells(row, names) for row in value["rows"]])
        _draw_map(console, {key: one for key, one in value.items() if key not in ("columns", "rows")})
    elif isinstance(value, dict):
        _draw_map(console, value)
    elif isinstance(value, list):
        for one in value:
            console.print(_cell(one))
    else:
        console.print(_cell(value))


def _is_grid(value: dict[str, JSON]) -> bool:
    return isinstance(value.get("columns"), list) and isinstance(value.get("rows"), list)


def _cells(row: JSON, names: Sequence[str]) -> list[JSON]:
    return [row.get(name) for name in names] if isinstance(row, dict) else list(row)


def _table_of(rows: Sequence[dict[str, JSON]]) -> tuple[list[str], Rows]:
    """Return column names in order of appearance, without columns that are empty in every row."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    kept = [name for name in names if any(row.get(name) not in (None, "", [], {}) for row in rows)]
    return kept, [[row.get(name) for name in kept] for row in rows]


def _draw_table(console: object, names: Sequence[str], rows: Rows) -> None:
    from rich.console import Console
    from rich.table import Table

    assert isinstance(console, Console)
    if not rows:
        console.print("no rows")
        return
    texts = [[_cell(value) for value in row] for row in rows]
    shown = fitting_columns(names, texts, console.width)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for at in range(shown):
        is_number = all(isinstance(row[at], (int, float)) or row[at] is None for row in rows)
        table.add_column(
            printable(names[at]),
            justify="right" if is_number else "left",
            no_wrap=True,
            overflow="ellipsis",
            max_width=_MAX_CELL,
        )
    for row in texts:
        table.add_row(*row[:shown])
    console.print(table)
    if shown < len(names):
        hidden = ", ".join(names[shown:])
        console.print(f"not shown for lack of width: {hidden}", style="dim")


def fitting_columns(names: Sequence[str], texts: Sequence[Sequence[str]], width: int) -> int:
    """Return how many leading columns fit at a readable width; always at least one."""
    used = 0
    for at, name in enumerate(names):
        widest = max([len(name), *(len(row[at]) for row in texts)])
        used += min(widest, _MAX_CELL) + 2
        if used > width and at > 0:
            return at
    return len(names)


def _draw_map(console: object, value: dict[str, JSON]) -> None:
    from rich.console import Console
    from rich.table import Table

    assert isinstance(console, Console)
    simple = Table.grid(padding=(0, 2, 0, 0))
    nested: list[tuple[str, JSON]] = []
    for key, one in value.items():
        if isinstance(one, dict | list) and one:
            nested.append((key, one))
        else:
            simple.add_row(f"{printable(key)}:", _cell(one))
    if simple.row_count:
        console.print(simple)
    for key, one in nested:
        console.print(printable(key), style="bold")
        if isinstance(one, list) and all(isinstance(row, dict) for row in one):
            _draw_table(console, *_table_of(one))
        else:
            console.print(_tree(one))


def _tree(value: JSON) -> object:
    from rich.tree import Tree

    tree = Tree("", hide_root=True)
    _grow(tree, value)
    return tree


def _grow(tree: object, value: JSON) -> None:
    from rich.tree import Tree

    assert isinstance(tree, Tree)
    entries = value.items() if isinstance(value, dict) else ((str(at), one) for at, one in enumerate(value))
    for key, one in entries:
        if isinstance(one, dict | list) and one:
            _grow(tree.add(printable(str(key))), one)
        elif isinstance(value, list):
            tree.add(_cell(one))
        else:
            tree.add(f"{printable(str(key))}: {_cell(one)}")


def _cell(value: JSON) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return printable(value)
    return str(value) if isinstance(value, int | float) else msgspec.json.encode(value).decode()


def printable(text: str, *, keep_lines: bool = False) -> str:
    """Return text without what a terminal would obey: data of a target must not move the cursor."""
    return "".join(
        char if char.isprintable() or (keep_lines and char in "\n\t") else " " if char in "\n\r\t" else "\ufffd"
        for char in text
    )
