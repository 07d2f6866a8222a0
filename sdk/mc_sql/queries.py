"""Loads the SQL files that a plugin keeps beside its code, one statement per file."""

from __future__ import annotations

import sys
from functools import cache
from os.path import dirname, join


@cache
def load_query(package: str, name: str) -> str:
    """Return the text of `queries/<name>.sql` in the imported package `package`."""
    # importlib.resources would cost more at start than everything else in this kit.
    folder = dirname(sys.modules[package].__file__ or "")
    with open(join(folder, "queries", f"{name}.sql"), encoding="utf-8") as file:
        return file.read()
