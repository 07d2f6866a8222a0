"""Counters per second, as the plugin shows them."""

from __future__ import annotations

from mc_sdk import Struct


class Rates(Struct, omit_defaults=True, kw_only=True):
    """Per second over the last `seconds`; `cacheHitPercent` is that of the blocks asked for meanwhile."""

    seconds: float
    commits: float
    rollbacks: float
    tuples_returned: float
    tuples_fetched: float
    tuples_inserted: float
    tuples_updated: float
    tuples_deleted: float
    blocks_read: float
    blocks_hit: float
    temp_bytes: float
    deadlocks: float
    cache_hit_percent: float | None = None
