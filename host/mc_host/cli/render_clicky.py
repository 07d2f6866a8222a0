"""Draws clicky documents: each kind of node as what a terminal has for it, unknown ones as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from mc_host.cli.render_inline import inline_text, is_inline
from mc_host.cli.render_json import json_part, tree_part
from mc_host.cli.render_table import Column, rank_of, table_parts
from mc_host.cli.render_text import plain_text, printable, title_of
from mc_wire.model import JSON

Node = Mapping[str, JSON]
_MAX_DEPTH = 30
_SEVERITIES = {"info": "cyan", "tip": "green", "warning": "yellow", "danger": "red", "note": "dim"}
_FIGURE = frozenset("0123456789.,-+%")


def node_part(node: JSON, width: int, depth: int = 0) -> RenderableType:
    """Return the drawing of a node, or of a value where a node should be."""
    if not isinstance(node, Mapping) or "kind" not in node:
        return json_part(node, width)
    if is_inline(node):
        return inline_text(node)
    draw = _BLOCKS.get(str(node["kind"]))
    if draw is None or depth > _MAX_DEPTH:
        return tree_part(dict(node))
    return draw(node, max(width, 10), depth + 1)


def _nodes(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _content(node: Node, width: int, depth: int) -> RenderableType:
    content = node.get("content", node.get("text", ""))
    return Text(printable(content, keep_lines=True)) if isinstance(content, str) else node_part(content, width, depth)


def _indented(part: RenderableType) -> RenderableType:
    return Padding(part, (0, 0, 0, 2), expand=False)


def _text(node: Node, width: int, depth: int) -> RenderableType:
    own = [inline_text({**node, "children": []})] if node.get("text") else []
    return Group(*own, *(node_part(child, width, depth) for child in _nodes(node.get("children"))))


def _list(node: Node, width: int, depth: int) -> RenderableType:
    items = _nodes(node.get("items"))
    bullet = plain_text(node.get("bullet"))
    if node.get("unstyled") is True and not bullet:
        return Group(*(node_part(item, width, depth) for item in items))
    grid = Table.grid(padding=(0, 1, 0, 0))
    for at, item in enumerate(items, 1):
        mark = f"{at}." if node.get("ordered") is True else bullet or "•"
        grid.add_row(Text(printable(mark), style="dim"), node_part(item, width - 3, depth))
    return grid


def _map(node: Node, width: int, depth: int) -> RenderableType:
    fields = [one for one in _nodes(node.get("fields")) if isinstance(one, dict)]
    if len(fields) == 1 and isinstance(fields[0].get("value"), dict) and fields[0]["value"].get("kind") == "table":
        return node_part(fields[0]["value"], width, depth)
    simple = Table.grid(padding=(0, 2, 0, 0))
    parts: list[RenderableType] = []
    for one in fields:
        label, value = plain_text(one.get("label")) or title_of(str(one.get("name", ""))), one.get("value")
        if not isinstance(value, dict | list) or (isinstance(value, dict) and is_inline(value)):
            simple.add_row(Text(f"{printable(label)}:"), inline_text(value))
        else:
            parts += [Text(printable(label), style="bold"), _indented(node_part(value, width - 2, depth))]
    return Group(*([simple] if simple.row_count else []), *parts)


def _table(node: Node, width: int, depth: int) -> RenderableType:
    specs = [one for one in _nodes(node.get("columns")) if isinstance(one, dict) and one.get("name")]
    rows = [row for row in _nodes(node.get("rows")) if isinstance(row, dict)]
    if not specs:
        return Text("no data", style="dim")
    cells = [row["cells"] if isinstance(row.get("cells"), dict) else {} for row in rows]
    names = [str(one["name"]) for one in specs]
    if rows and all(_kind(row.get(name)) == "map" for row in cells for name in names):
        return _cards(names, cells, width, depth)
    columns = [_column(one, [row.get(str(one["name"])) for row in cells]) for one in specs]
    return Group(*table_parts(columns, len(rows), width))


def _kind(node: JSON) -> str:
    return str(node.get("kind", "")) if isinstance(node, dict) else ""


def _column(spec: Node, nodes: Sequence[JSON]) -> Column:
    name, unit = str(spec["name"]), str(spec.get("unit") or "")
    cells = [inline_text(node, one_line=True) for node in nodes]
    if unit:
        cells = [Text.assemble(cell, f" {printable(unit)}") if cell.plain else cell for cell in cells]
    texts = [cell.plain for cell in cells]
    is_right = spec.get("align") in ("right", "end") or all(set(text) <= _FIGURE for text in texts)
    title = plain_text(spec.get("header")) or str(spec.get("label") or "") or title_of(name)
    return Column(name, printable(title), cells, is_right, rank_of(name, texts))


def _cards(names: Sequence[str], cells: Sequence[Node], width: int, depth: int) -> RenderableType:
    parts: list[RenderableType] = []
    for at, row in enumerate(cells, 1):
        parts.append(Text(f"{at}: {printable(plain_text(row.get(names[0])))[:60]}", style="bold"))
        parts += [_indented(node_part(row.get(name), width - 2, depth)) for name in names]
    return Group(*parts)


def _tree(node: Node, width: int, depth: int) -> RenderableType:
    tree = Tree("", hide_root=True)
    for root in _nodes(node.get("roots")):
        _grow(tree, root, depth)
    return tree


def _grow(tree: Tree, node: JSON, depth: int) -> None:
    if not isinstance(node, dict):
        tree.add(inline_text(node))
        return
    branch = tree.add(inline_text(node.get("label", node.get("text", node.get("id", ""))), one_line=True))
    for child in _nodes(node.get("children")) if depth < _MAX_DEPTH else ():
        _grow(branch, child, depth + 1)


def _code(node: Node, width: int, depth: int) -> RenderableType:
    source = printable(str(node.get("source") or node.get("plain") or ""), keep_lines=True)
    return Syntax(source, printable(str(node.get("language") or "text")), background_color="default", word_wrap=True)


def _heading(node: Node, width: int, depth: int) -> RenderableType:
    style = "bold underline" if node.get("level") == 1 else "bold"
    return Text(plain_line(node.get("content", node.get("text"))), style=style)


def plain_line(node: JSON) -> str:
    """Return the words of a node on one line."""
    return printable(plain_text(node))


def _quote(node: Node, width: int, depth: int) -> RenderableType:
    return Panel(_content(node, width - 4, depth), box=box.MINIMAL, border_style="dim", padding=(0, 1))


def _admonition(node: Node, width: int, depth: int) -> RenderableType:
    severity = str(node.get("severity") or "note").lower()
    severity = severity if severity in _SEVERITIES else "note"
    title = plain_line(node.get("label")) or severity
    return Panel(
        _content(node, width - 4, depth),
        title=Text(f"{severity}: {title}" if title.lower() != severity else severity),
        title_align="left",
        border_style=_SEVERITIES[severity],
        box=box.ROUNDED,
    )


def _collapsed(node: Node, width: int, depth: int) -> RenderableType:
    return Group(
        Text(plain_line(node.get("label")) or "details", style="bold"), _indented(_content(node, width - 2, depth))
    )


def _footnote(node: Node, width: int, depth: int) -> RenderableType:
    mark = str(node.get("id") or "").strip()
    return Text(f"[{printable(mark)}] {plain_line(node.get('content'))}", style="dim") if mark else Text("")


def _footnotes(node: Node, width: int, depth: int) -> RenderableType:
    items = [one for one in _nodes(node.get("items")) if isinstance(one, dict) and str(one.get("id") or "").strip()]
    return Group(*(_footnote(one, width, depth) for one in items))


def _stacktrace(node: Node, width: int, depth: int) -> RenderableType:
    head = ": ".join(filter(None, (str(node.get(key) or "") for key in ("exceptionClass", "message"))))
    parts: list[RenderableType] = [Text(printable(head), style="bold red")]
    for frame in (one for one in _nodes(node.get("frames")) if isinstance(one, dict)):
        place = str(frame.get("location") or ":".join(str(frame[key]) for key in ("file", "line") if frame.get(key)))
        line = (
            f"  at {frame.get('functionName') or ''} ({place})" if place else f"  at {frame.get('functionName') or ''}"
        )
        parts.append(Text(printable(line), style="dim" if frame.get("kind") == "runtime" else ""))
    for cause in (one for one in _nodes(node.get("causedBy")) if isinstance(one, dict)):
        parts += [Text("caused by", style="dim"), _stacktrace(cause, width, depth + 1)] if depth < _MAX_DEPTH else []
    return Group(*parts)


def _members(key: str) -> Callable[[Node, int, int], RenderableType]:
    return lambda node, width, depth: tree_part(_nodes(node.get(key)))


_BLOCKS: Mapping[str, Callable[[Node, int, int], RenderableType]] = {
    "text": _text,
    "list": _list,
    "map": _map,
    "table": _table,
    "tree": _tree,
    "code": _code,
    "heading": _heading,
    "blockquote": _quote,
    "admonition": _admonition,
    "collapsed": _collapsed,
    "footnote": _footnote,
    "footnotes": _footnotes,
    "stacktrace": _stacktrace,
    "object-graph": _members("objects"),
    "execution-tree": _members("executionRoots"),
}
