"""Clicky nodes that stand in a line: words, links, badges, buttons, and markup without its tags."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser

from rich.text import Text

from mc_host.cli.render_text import cell_text, plain_text, printable
from mc_wire.model import JSON

Node = Mapping[str, JSON]
_INLINE = frozenset(
    ["text", "link", "link-command", "icon", "badge", "button", "button-group", "comment", "footnote-ref", "html"]
)
_COLOURS = {
    **dict.fromkeys(("red", "rose", "danger", "error", "destructive"), "red"),
    **dict.fromkeys(("orange", "amber", "yellow", "warning"), "yellow"),
    **dict.fromkeys(("green", "emerald", "lime", "teal", "success"), "green"),
    **dict.fromkeys(("cyan", "sky", "info"), "cyan"),
    **dict.fromkeys(("blue", "indigo", "violet", "purple", "primary"), "blue"),
}
_STYLES = {"bold": "bold", "faint": "dim", "italic": "italic", "underline": "underline", "strikethrough": "strike"}
_UNSEEN = ("script", "style", "template", "noscript", "iframe", "object")


def is_inline(node: JSON) -> bool:
    """Can this node stand in a line?"""
    if not isinstance(node, Mapping):
        return not isinstance(node, list)
    kind = node.get("kind")
    if kind == "list":
        return node.get("inline") is True
    return kind in _INLINE and all(is_inline(child) for child in node.get("children") or ())


def inline_text(node: JSON, *, one_line: bool = False) -> Text:
    """Return a node as styled text; what takes lines of its own is said in words."""
    if not isinstance(node, Mapping):
        return Text(cell_text(node))
    text = _styled(node) if is_inline(node) else Text(plain_text(node))
    if one_line and (text.plain != (flat := printable(text.plain))):
        return Text(flat, style=text.style)
    return text


def _styled(node: Node) -> Text:
    kind = str(node.get("kind"))
    if kind == "badge":
        words = " ".join(filter(None, (plain_text(node.get(key)) for key in ("badgeLabel", "badgeValue"))))
        return Text(f"[{printable(words)}]", style=_colour(node.get("badgeColor")))
    if kind == "list":
        return Text(", ").join(inline_text(item) for item in node.get("items") or ())
    if kind == "button-group":
        return Text(" ").join(inline_text(item) for item in node.get("items") or ())
    if kind == "button":
        label = plain_text(node.get("label")) or str(node.get("text") or node.get("id") or "")
        return Text(printable(" ".join(filter(None, (f"[{label}]", str(node.get("href") or ""))))))
    if kind == "comment":
        return Text(printable(plain_text(node)), style="dim")
    if kind == "footnote-ref":
        return Text(printable(f"[{node['id']}]") if str(node.get("id") or "").strip() else "")
    if kind == "html":
        return Text(strip_tags(str(node.get("html") or "")))
    return _words(node, kind)


def _words(node: Node, kind: str) -> Text:
    own = str(node.get("text") or (node.get("unicode") if kind == "icon" else "") or "")
    text = Text(printable(own, keep_lines=True), style=_style(node))
    for child in node.get("children") or ():
        text.append_text(inline_text(child))
    if kind == "link" and node.get("href") and str(node["href"]) not in text.plain:
        text.append(f" ({printable(str(node['href']))})", style="dim")
    if kind == "link-command" and not text.plain:
        text.append(printable(" ".join([str(node.get("command") or ""), *map(str, node.get("args") or ())])))
    return text if text.plain else Text(printable(plain_text(node), keep_lines=True))


def _style(node: Node) -> str:
    style = node.get("style")
    if not isinstance(style, Mapping):
        return ""
    parts = [word for key, word in _STYLES.items() if style.get(key) is True]
    return " ".join([*parts, _colour(style.get("color"))]).strip()


def _colour(name: JSON) -> str:
    """Return the terminal's colour for a document's; figures of colours (hex) are the terminal's own business."""
    words = str(name or "").lower().removeprefix("text-").removeprefix("bg-").split("-")
    return _COLOURS.get(words[0], "")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in ("p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def strip_tags(html: str) -> str:
    """Return the words of markup."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    return printable("".join(parser.parts).strip(), keep_lines=True)
