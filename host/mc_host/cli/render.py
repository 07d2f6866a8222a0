"""Draws an operation's answer in a terminal: a clicky document, one of its nodes, or any other JSON."""

from __future__ import annotations

import shutil
import sys

import msgspec

from mc_host.cli.render_text import printable
from mc_wire.model import JSON

__all__ = ["draw", "draw_bytes", "printable"]

_PIPE_WIDTH = 200
_KINDS = frozenset(
    (
        *("text", "link", "link-command", "icon", "list", "map", "table", "tree", "code", "heading", "blockquote"),
        *("admonition", "footnote-ref", "footnote", "footnotes", "collapsed", "stacktrace", "button", "button-group"),
        *("html", "comment", "badge", "object-graph", "execution-tree"),
    )
)


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
    # rich takes 40 ms to import, which `--help` does not have.
    from rich.console import Console

    from mc_host.cli.render_clicky import node_part
    from mc_host.cli.render_json import json_part

    width = shutil.get_terminal_size((_PIPE_WIDTH, 40)).columns
    console = Console(width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)
    node = _node_of(value)
    console.print(json_part(value, width) if node is None else node_part(node, width))


def find_node(value: JSON) -> JSON:
    """Return the node of a document or the node that the value is; None for any other JSON, which is data."""
    if not isinstance(value, dict):
        return None
    inner = value.get("node")
    if isinstance(value.get("version"), int) and isinstance(inner, dict) and isinstance(inner.get("kind"), str):
        return inner
    # A Kubernetes object has a kind too.
    return value if value.get("kind") in _KINDS else None


def _node_of(value: JSON) -> JSON:
    if isinstance(value, list) and value and all(find_node(one) is not None for one in value):
        return {"kind": "list", "unstyled": True, "items": value}
    return find_node(value)
