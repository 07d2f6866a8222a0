"""A message with its variable parts replaced, by which equal kinds of lines are found."""

from __future__ import annotations

import re

_STEPS = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.ASCII), "UUID"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII), "TIMESTAMP"),
    (re.compile(r"\s+\d+(?:\.\d+)?(?:ms|s|h|d|m)", re.ASCII), "DURATION"),
    (re.compile(r"[a-z0-9]{64}", re.ASCII), "SHA256"),
    (re.compile(r"^\d+$", re.ASCII), "NUMBER"),
    (re.compile(r"[0-9a-f]{16}", re.ASCII), "HEX16"),
)


def tokenise(text: str) -> str:
    """Return the text with ids, times, durations and digests replaced by their names."""
    for pattern, name in _STEPS:
        text = pattern.sub(name, text)
        if text == name:
            return text
    return text
