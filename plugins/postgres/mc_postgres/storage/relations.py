"""`relations`: the largest tables, measured, with their growth since the last look."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mc_postgres.database import Database, open_database
from mc_postgres.databases import cached_size
from mc_postgres.state import PluginState
from mc_postgres.storage.rows import Relation, Relations
from mc_sdk import Conflict, Context, Struct

if TYPE_CHECKING:
    from mc_postgres.operations.storage import RelationsParams

KINDS = {"r": "table", "m": "materialized_view", "p": "partitioned_table"}
MAX_SAMPLES = 5000
LAST_SCAN_VERSION = 160_000


class SizeRow(Struct):
    """A row of `relation_sizes.sql`."""

    oid: int
    schema: str
    name: str
    kind: str
    is_locked: bool
    total: int
    heap_bytes: int | None
    table_bytes: int | None
    index_bytes: int | None
    toast_bytes: int | None
    tuples: float
    live_tuples: int
    blocks_fetched: int
    blocks_hit: int
    seq_scans: int
    index_scans: int
    partition_of: str | None

    @property
    def size_bytes(self) -> int | None:
        """Everything together."""
        if self.table_bytes is None or self.index_bytes is None:
            return None
        return self.table_bytes + self.index_bytes


class LastScanRow(Struct):
    """A row of `last_scans.sql`."""

    oid: int
    last_scan: datetime | None


class SizeSample(Struct):
    """A relation's size at a monotonic second."""

    size_bytes: int
    at: float


async def read_relations(ctx: Context[PluginState], params: RelationsParams) -> Relations:
    """Return the largest relations, perhaps as of a moment ago."""
    async with open_database(ctx, params.database) as db:
        key = ("relations", ctx.item_id, db.target.params, params.search, params.limit)

        async def make() -> Relations:
            return await measure(ctx, db, params)

        return await ctx.state.slow_lane.get(Relations, key, make, refresh=params.refresh)


async def measure(ctx: Context[PluginState], db: Database, params: RelationsParams) -> Relations:
    """Return the largest relations as they are now."""
    try:
        async with db.savepoint():
            rows = await fetch(db, params, with_sizes=True)
    except Conflict:
        rows = await fetch(db, params, with_sizes=False)
    size, _ = await cached_size(ctx, db, refresh=params.refresh)
    samples = ctx.state.sizes.setdefault((ctx.item_id, db.target.params.get("dbname")), {})
    locked = [f"{row.schema}.{row.name}" for row in rows if row.is_locked]
    last = await find_last_scans(db, [row.oid for row in rows])
    relations = [render(row, samples, last.get(row.oid)) for row in rows]
    return Relations(
        database_size_bytes=size,
        relations=sorted(relations, key=lambda one: -(one.size_bytes or 0)),
        total=rows[0].total if rows else 0,
        warnings=(f"locked exclusively, not measured: {', '.join(locked[:10])}",) if locked else (),
        as_of=datetime.now(UTC),
        age_ms=0,
        cost_ms=db.cost_ms,
    )


async def fetch(db: Database, params: RelationsParams, *, with_sizes: bool) -> list[SizeRow]:
    """Return the rows of the largest relations."""
    return await db.fetch(SizeRow, "relation_sizes", search=params.search, limit=params.limit, with_sizes=with_sizes)


async def find_last_scans(db: Database, relations: list[int]) -> dict[int, datetime]:
    """Return when tables and indexes were last scanned; nothing before 16, which does not remember."""
    if db.version_num < LAST_SCAN_VERSION:
        return {}
    rows = await db.fetch(LastScanRow, "last_scans", relations=relations)
    return {row.oid: row.last_scan for row in rows if row.last_scan is not None}


def render(row: SizeRow, samples: dict[int, SizeSample], last_seq_scan: datetime | None) -> Relation:
    """Return a row as the plugin shows it, and remember its size for the next look."""
    now, before, size = time.monotonic(), samples.get(row.oid), row.size_bytes
    if size is not None and len(samples) < MAX_SAMPLES:
        samples[row.oid] = SizeSample(size_bytes=size, at=now)
    has_growth = before is not None and size is not None
    return Relation(
        schema=row.schema,
        name=row.name,
        kind=KINDS[row.kind],
        size_bytes=size,
        table_bytes=row.heap_bytes,
        index_bytes=row.index_bytes,
        toast_bytes=row.toast_bytes,
        rows=int(row.tuples) if row.tuples >= 0 else row.live_tuples,
        growth_bytes=size - before.size_bytes if has_growth and before and size is not None else None,
        growth_seconds=round(now - before.at, 1) if has_growth and before else None,
        cache_hit_percent=round(row.blocks_hit * 100 / row.blocks_fetched, 1) if row.blocks_fetched else None,
        seq_scans=row.seq_scans,
        index_scans=row.index_scans,
        last_seq_scan=last_seq_scan,
        partition_of=row.partition_of,
    )
