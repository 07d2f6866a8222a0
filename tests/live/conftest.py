"""What the live tests share."""

from __future__ import annotations

from tests.fixtures.fix_cluster import cluster

__all__ = ["cluster"]
