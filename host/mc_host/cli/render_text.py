"""Values as words for a terminal: units that a key names, moments in local time, and nothing a terminal would obey."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from mc_wire.model import JSON

_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$")
_MS = re.compile(r"(?:[a-z0-9]Ms|_ms|^ms)$")
_BYTES = re.compile(r"(?:[a-z0-9]Bytes|_bytes|^bytes)$")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def printable(text: str, *, keep_lines: bool = False) -> str:
    """Return text without what a terminal would obey: data of a target must not move the cursor."""
    return "".join(
        char if char.isprintable() or (keep_lines and char in "\n\t") else " " if char in "\n\r\t" else "\ufffd"
        for char in text
    )


def title_of(key: str) -> str:
    """Return a key as people say it, without the unit that its figures then carry: `stateAgeMs` is `state age`."""
    bare = re.sub(r"_?(?:Ms|ms|Bytes|bytes)$", "", key) if unit_of(key) else key
    words = [word for word in _HUMP.split(bare or key) if word]
    if len(words) < 2:
        return printable(bare or key)
    return printable(" ".join(word if word.isupper() else word.lower() for word in words))


def unit_of(key: str) -> str:
    """Return `ms` or `bytes` when the key says that its figures are that, else nothing."""
    if _MS.search(key):
        return "ms"
    return "bytes" if _BYTES.search(key) else ""


def cell_text(value: JSON, key: str = "") -> str:
    """Return a value on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return figure_text(value, key)
    if isinstance(value, str):
        return moment_text(value) if is_moment(value) else printable(value)
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ", ".join(cell_text(one) for one in value)
    if isinstance(value, dict) and not any(isinstance(one, dict | list) for one in value.values()):
        return printable(", ".join(f"{name}={cell_text(one)}" for name, one in value.items()))
    if isinstance(value, list) and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in value):
        return printable(", ".join(one["name"] for one in value))
    return printable(msgspec.json.encode(value).decode())


def figure_text(value: float, key: str = "") -> str:
    """Return a figure with the unit that its key names."""
    unit = unit_of(key)
    if unit == "ms":
        return duration_text(value)
    if unit == "bytes":
        return bytes_text(value)
    # Nobody reads the fourteenth digit of a percentage.
    return str(round(value, 3)) if isinstance(value, float) and abs(value) >= 1 else str(value)


def duration_text(ms: float) -> str:
    """Return a duration as one would say it: `8 ms`, `3.4 s`, `2 m 05 s`, `2 h 05 m`, `3 d 04 h`."""
    if ms < 999.5:
        return f"{max(0, round(ms))} ms"
    if ms < 59_950:
        return f"{ms / 1000:.{1 if ms < 9_950 else 0}f} s"
    seconds = round(ms / 1000)
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02} s"
    minutes = seconds // 60
    if minutes < 1440:
        return f"{minutes // 60} h {minutes % 60:02} m"
    return f"{minutes // 1440} d {minutes // 60 % 24:02} h"


def bytes_text(count: float) -> str:
    """Return bytes in steps of 1024 with three digits that count: `1.2 GB`."""
    size, unit = abs(count), 0
    while size >= 1023.95 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{'-' if count < 0 else ''}{size:.{0 if unit == 0 or size >= 99.95 else 1}f} {_UNITS[unit]}"


def is_moment(value: JSON) -> bool:
    """Is this an RFC 3339 timestamp?"""
    return isinstance(value, str) and _MOMENT.match(value) is not None


def moment_text(text: str) -> str:
    """Return a timestamp in local time, to the second."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return printable(text)


def plain_text(node: JSON, depth: int = 0) -> str:
    """Return the words of a clicky node: its `plain` fallback, else what it would show."""
    if isinstance(node, list):
        return " ".join(filter(None, (plain_text(one, depth + 1) for one in node)))
    if not isinstance(node, Mapping) or depth > 40:
        return cell_text(node) if not isinstance(node, Mapping) else ""
    if isinstance(node.get("plain"), str) and node["plain"]:
        return str(node["plain"])
    if node.get("kind") == "badge":
        return ": ".join(filter(None, (plain_text(node.get(key), depth + 1) for key in ("badgeLabel", "badgeValue"))))
    if node.get("kind") == "map":
        fields = [one for one in node.get("fields") or [] if isinstance(one, dict)]
        return ", ".join(
            f"{one.get('label') or one.get('name')}={plain_text(one.get('value'), depth + 1)}" for one in fields
        )
    own = next((str(node[key]) for key in ("text", "source", "unicode", "message") if node.get(key)), "")
    rest = [plain_text(node.get(key), depth + 1) for key in ("label", "content", "children", "items", "roots")]
    return ("" if node.get("kind") == "text" else " ").join(filter(None, [own, *rest]))
