"""Draws plain JSON: arrays of objects as tables, objects as maps, what is deeper as trees."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from mc_host.cli.render_table import grid_columns, record_columns, table_parts
from mc_host.cli.render_text import cell_text, title_of
from mc_wire.model import JSON

_MAX_TREE_DEPTH = 40


def json_part(value: JSON, width: int) -> RenderableType:
    """Return the drawing of any JSON value."""
    if isinstance(value, list) and _is_records(value):
        return Group(*table_parts(record_columns(value), len(value), width))
    if isinstance(value, dict):
        return _grid_part(value, width) if _is_grid(value) else map_part(value, width)
    if isinstance(value, list):
        return Group(*(Text(cell_text(one)) for one in value)) if value else Text("nothing", style="dim")
    return Text(cell_text(value))


def _is_records(value: Sequence[JSON]) -> bool:
    return bool(value) and all(isinstance(row, dict) for row in value)


def _is_grid(value: dict[str, JSON]) -> bool:
    return isinstance(value.get("columns"), list) and isinstance(value.get("rows"), list)


def _grid_part(value: dict[str, JSON], width: int) -> RenderableType:
    names = [str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in value["columns"]]
    rows = [[row.get(name) for name in names] if isinstance(row, dict) else _list(row) for row in value["rows"]]
    rest = {key: one for key, one in value.items() if key not in ("columns", "rows")}
    parts = table_parts(grid_columns(names, rows), len(rows), width)
    return Group(*parts, *([map_part(rest, width)] if rest else []))


def _list(row: JSON) -> list[JSON]:
    return row if isinstance(row, list) else [row]


def map_part(value: dict[str, JSON], width: int) -> RenderableType:
    """Return an object as names and values, its larger parts below under their names."""
    simple = Table.grid(padding=(0, 2, 0, 0))
    parts: list[RenderableType] = []
    for key, one in value.items():
        if _is_large(one):
            parts += [
                Text(title_of(key), style="bold"),
                Padding(_inner_part(one, width - 2), (0, 0, 0, 2), expand=False),
            ]
        else:
            simple.add_row(Text(f"{title_of(key)}:"), Text(cell_text(one, key) if one not in ({}, []) else ""))
    return Group(*([simple] if simple.row_count else []), *parts)


def _is_large(value: JSON) -> bool:
    if isinstance(value, list):
        return any(isinstance(one, dict | list) for one in value)
    return isinstance(value, dict) and bool(value)


def _inner_part(value: JSON, width: int) -> RenderableType:
    if isinstance(value, list) and _is_records(value):
        return Group(*table_parts(record_columns(value), len(value), width))
    if isinstance(value, dict) and not any(isinstance(one, dict | list) for one in value.values()):
        return map_part(value, width)
    return tree_part(value)


def tree_part(value: JSON) -> Tree:
    """Return nested data as a tree."""
    tree = Tree("", hide_root=True)
    grow(tree, value)
    return tree


def grow(tree: Tree, value: JSON, depth: int = 0) -> None:
    """Add the members of `value` to `tree`."""
    members = value.items() if isinstance(value, dict) else ((str(at), one) for at, one in enumerate(value))
    for key, one in members:
        if isinstance(one, dict | list) and one and depth < _MAX_TREE_DEPTH:
            grow(tree.add(Text(title_of(str(key)))), one, depth + 1)
        elif isinstance(value, list):
            tree.add(Text(cell_text(one)))
        else:
            tree.add(Text(f"{title_of(str(key))}: {cell_text(one, str(key))}"))
