"""The host's fixtures."""

from __future__ import annotations

from tests.fixtures.fix_host import client, folder

__all__ = ["client", "folder"]
