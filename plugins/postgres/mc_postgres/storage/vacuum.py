"""`vacuum-stats`: dead rows, and when autovacuum will come for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mc_postgres.answers import CachedAnswer
from mc_postgres.database import Database, open_database
from mc_postgres.state import PluginState
from mc_postgres.storage.rows import VacuumStats, known
from mc_sdk import Conflict, Context, OperationError, Struct

if TYPE_CHECKING:
    from mc_postgres.operations.storage import VacuumStatsParams


KEEP_S = 2.0
"""Counts of dead rows move fast, and cost much only where there are very many tables."""


class VacuumRow(Struct):
    """A row of `vacuum_stats.sql`."""

    schema: str
    table: str
    is_locked: bool
    size_bytes: int | None
    live_tuples: int
    dead_tuples: int
    last_vacuum: datetime | None
    last_autovacuum: datetime | None
    last_analyze: datetime | None
    last_autoanalyze: datetime | None
    vacuum_count: int
    autovacuum_count: int
    analyze_count: int
    autoanalyze_count: int
    mods_since_analyze: int
    ins_since_vacuum: int | None
    tuples: float
    xid_age: int
    mxid_age: int
    reloptions: list[str] | None
    autovacuum_enabled: bool
    vacuum_threshold: float
    vacuum_scale: float
    vacuum_max: float | None
    insert_threshold: float | None
    insert_scale: float | None

    @property
    def dead_threshold(self) -> int:
        """Dead rows beyond which autovacuum comes."""
        threshold = self.vacuum_threshold + self.vacuum_scale * self.tuples
        return int(min(threshold, self.vacuum_max) if self.vacuum_max and self.vacuum_max > 0 else threshold)

    @property
    def insert_limit(self) -> int | None:
        """Inserted rows beyond which autovacuum comes (13 and later)."""
        if self.insert_threshold is None or self.insert_threshold < 0 or self.insert_scale is None:
            return None
        return int(self.insert_threshold + self.insert_scale * self.tuples)


async def list_vacuum_stats(ctx: Context[PluginState], params: VacuumStatsParams) -> list[VacuumStats]:
    """Return the tables with most dead rows."""
    async with open_database(ctx, params.database) as db:
        try:
            rows = await fetch_vacuum_rows(db, params.limit)
        except OperationError as exc:
            exc.message = f"list vacuum stats: {exc.message}"
            raise
    locked = [f"{row.schema}.{row.table}" for row in rows if row.is_locked]
    if locked:
        ctx.log.warning("locked tables are not measured", extra={"tables": ", ".join(locked[:20])})
    return [render(row) for row in rows]


async def fetch_vacuum_rows(db: Database, limit: int) -> list[VacuumRow]:
    """Return the rows in order; without sizes when a lock was taken in the middle of it."""
    try:
        async with db.savepoint():
            rows = await db.fetch(VacuumRow, "vacuum_stats", limit=limit, with_sizes=True)
    except Conflict:
        rows = await db.fetch(VacuumRow, "vacuum_stats", limit=limit, with_sizes=False)
    return sorted(rows, key=lambda row: (-row.dead_tuples, -(row.size_bytes or 0), row.schema, row.table))


class VacuumReport(CachedAnswer, kw_only=True):
    """The tables with most dead rows, as of a moment ago."""

    tables: list[VacuumStats]


async def cached_vacuum(ctx: Context[PluginState], db: Database, limit: int) -> VacuumReport:
    """Return the tables with most dead rows for whoever looks at much else beside."""

    async def make() -> VacuumReport:
        rows = await fetch_vacuum_rows(db, limit)
        return VacuumReport(tables=[render(row) for row in rows], as_of=datetime.now(UTC), age_ms=0, cost_ms=0.0)

    key = ("vacuum", ctx.item_id, db.target.params, limit)
    return await ctx.state.slow_lane.get(VacuumReport, key, make, refresh=False, keep_s=KEEP_S)


def render(row: VacuumRow) -> VacuumStats:
    """Return a row as the plugin shows it."""
    all_tuples = row.live_tuples + row.dead_tuples
    due_in = row.dead_threshold - row.dead_tuples
    return VacuumStats(
        schema=row.schema,
        table=row.table,
        size_bytes=row.size_bytes,
        live_tuples=row.live_tuples,
        dead_tuples=row.dead_tuples,
        dead_tuple_pct=row.dead_tuples * 100 / all_tuples if all_tuples else 0.0,
        last_vacuum=known(row.last_vacuum),
        last_autovacuum=known(row.last_autovacuum),
        last_analyze=known(row.last_analyze),
        last_autoanalyze=known(row.last_autoanalyze),
        vacuum_count=row.vacuum_count,
        autovacuum_count=row.autovacuum_count,
        analyze_count=row.analyze_count,
        autoanalyze_count=row.autoanalyze_count,
        dead_threshold=row.dead_threshold,
        ins_threshold=row.insert_limit,
        due_in=due_in,
        is_due=due_in < 0,
        xid_age=row.xid_age,
        mxid_age=row.mxid_age,
        reloptions=tuple(row.reloptions or ()),
        mods_since_analyze=row.mods_since_analyze,
        ins_since_vacuum=row.ins_since_vacuum,
        last_vacuum_at=row.last_vacuum,
        last_autovacuum_at=row.last_autovacuum,
        last_analyze_at=row.last_analyze,
        last_autoanalyze_at=row.last_autoanalyze,
        autovacuum_enabled=row.autovacuum_enabled,
        is_locked=row.is_locked,
    )
