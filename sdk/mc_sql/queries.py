"""Loads the SQL files that a plugin keeps beside its code, one statement per file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def load_query(package: str, name: str) -> str:
    """Return the text of `queries/<name>.sql` in `package`."""
    return (files(package) / "queries" / f"{name}.sql").read_text(encoding="utf-8")
