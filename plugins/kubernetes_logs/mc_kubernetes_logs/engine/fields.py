"""Fields of structured messages: JSON and logfmt."""

from __future__ import annotations

import re

import msgspec

from mc_sdk import JSON

MAX_FIELDS = 200
_PAIR = re.compile(r'([A-Za-z_@][\w.@/-]*)=("((?:[^"\\]|\\.)*)"|[^\s"]*)(?:\s+|$)')


def read_fields(text: bytes) -> dict[str, JSON] | None:
    """Return a message's fields; None for one that is not structured."""
    if text[:1] == b"{":
        try:
            found = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return dict(list(found.items())[:MAX_FIELDS]) if isinstance(found, dict) else None
    if b"=" not in text:
        return None
    return read_logfmt(text.decode("utf-8", "replace"))


def read_logfmt(text: str) -> dict[str, JSON] | None:
    """Return the pairs of a line that consists of at least two; None for any other."""
    fields: dict[str, JSON] = {}
    position = 0
    for pair in _PAIR.finditer(text):
        if pair.start() != position:
            break
        position = pair.end()
        fields[pair[1]] = pair[3].replace('\\"', '"') if pair[3] is not None else pair[2]
    is_whole = position >= len(text.rstrip())
    return fields if len(fields) >= 2 and is_whole else None
