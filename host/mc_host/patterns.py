"""Match expressions over names: exact, `*`, `prefix*`, `*suffix`, `!negation`."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from urllib.parse import unquote


def split_patterns(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the patterns of comma-separated texts, unescaped and without blanks."""
    return tuple(unquote(part.strip()) for text in texts for part in text.split(",") if part.strip())


def matches_patterns(patterns: tuple[str, ...], value: str) -> bool:
    """Is `value` meant? A negation wins; negations alone mean the rest; no patterns mean nothing."""
    denied = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    if any(_matches(pattern, value) for pattern in denied):
        return False
    return any(_matches(pattern, value) for pattern in wanted) if wanted else bool(denied)


def _matches(pattern: str, value: str) -> bool:
    if "*" not in pattern:
        return pattern == value
    literal = pattern.replace("[", "[[]").replace("?", "[?]")  # only `*` is special here
    return fnmatchcase(value, literal)
