"""`slow-queries`: the most expensive statements since the last reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mc_postgres.answers import Need
from mc_postgres.database import Database, open_database, quote_name
from mc_postgres.errors import CONNECTION_LOST
from mc_postgres.state import PluginState
from mc_postgres.statements.rows import (
    InfoRow,
    SlowQueries,
    Statement,
    StatementRow,
    StatementStats,
    Totals,
)
from mc_postgres.statements.snapshots import snapshot_if_due
from mc_postgres.statements.state import (
    INSTALL_SQL,
    Availability,
    can_read,
    explain_failure,
    find_statements,
)
from mc_sdk import Context, Forbidden, OperationError

if TYPE_CHECKING:
    from mc_postgres.operations.statements import SlowQueriesParams


async def list_slow_queries(ctx: Context[PluginState], params: SlowQueriesParams) -> SlowQueries:
    """Return the statements by the chosen measure, or why there are none."""
    async with open_database(ctx, params.database) as db:
        found = await find_statements(db)
        rows: list[StatementRow] = []
        if can_read(found):
            try:
                async with db.savepoint():
                    rows = await fetch_statements(db, found, params)
                    await snapshot_if_due(ctx, db, found)
            except OperationError as exc:
                if exc.facts.get("reason") == CONNECTION_LOST:
                    raise
                found = explain_failure(exc, found.state)
        if not can_read(found):
            return refuse(found, db, await missing_rights(db, found))
        info = await read_info(db, found)
        hidden = rows[0].hidden if rows else 0
        role = await db.role()
        return SlowQueries(
            available=True,
            reason=found.reason,
            warning=found.warning,
            can_install=False,
            queries=tuple(render(row) for row in rows if row.query_id is not None),
            totals=sum_up(rows),
            hidden_count=hidden,
            stats=StatementStats(
                dealloc=info.dealloc if info else None,
                stats_reset=info.stats_reset if info else None,
                entries=rows[0].entries if rows else 0,
                max=found.state.max_entries,
            ),
            track_io_timing=found.state.track_io_timing,
            needs=(role.need_stats(f"{hidden} statements of other roles"),) if hidden else (),
            cost_ms=db.cost_ms,
        )


async def fetch_statements(db: Database, found: Availability, params: SlowQueriesParams) -> list[StatementRow]:
    """Return the rows as the params want them."""
    return await db.fetch(
        StatementRow,
        "statements",
        found.names,
        sort=params.sort,
        limit=params.limit,
        search=params.search,
        user=params.user,
        exclude_self=params.exclude_self,
        text_max=params.query_text_max,
    )


def refuse(found: Availability, db: Database, needs: tuple[Need, ...]) -> SlowQueries:
    """Return the answer without statements."""
    return SlowQueries(
        available=False,
        reason=found.reason,
        warning=found.warning,
        can_install=found.can_install,
        install_sql=INSTALL_SQL if found.can_install else "",
        track_io_timing=found.state.track_io_timing,
        needs=needs,
        cost_ms=db.cost_ms,
    )


async def missing_rights(db: Database, found: Availability) -> tuple[Need, ...]:
    """Return the GRANT that would let this role read statements, if that is what is missing."""
    if found.reason != "not_permitted":
        return ()
    role = await db.role()
    view = f"{quote_name(found.state.schema or 'public')}.pg_stat_statements".replace("%%", "%")
    grant = f"GRANT SELECT ON {view} TO {role.quoted};"
    return (Need(what="statements", reason=found.warning, grant=grant),)


async def read_info(db: Database, found: Availability) -> InfoRow | None:
    """Return what the extension says of itself, None before its version 1.9 or without the right."""
    if not found.has_info:
        return None
    try:
        async with db.savepoint():
            return await db.fetch_one(InfoRow, "statements_info", found.names)
    except Forbidden:
        return None


def sum_up(rows: list[StatementRow]) -> Totals | None:
    """Return the sums over all that match."""
    if not rows or rows[0].query_id is None:
        return None
    first = rows[0]
    return Totals(
        calls=first.all_calls or 0, total_exec_time_ms=round(first.all_total_ms or 0, 3), rows=first.all_rows or 0
    )


def render(row: StatementRow) -> Statement:
    """Return a row as the plugin shows it."""
    calls, total = row.calls or 0, row.total_ms or 0.0
    return Statement(
        query_id=row.query_id,
        user_id=row.user_id or 0,
        user=row.user,
        database_id=row.database_id or 0,
        database=row.database,
        toplevel=row.toplevel,
        query=row.query or "",
        truncated=bool(row.is_cut),
        calls=calls,
        total_exec_time_ms=total,
        mean_exec_time_ms=total / calls if calls else 0.0,
        min_exec_time_ms=row.min_ms,
        max_exec_time_ms=row.max_ms,
        stddev_exec_time_ms=row.stddev_ms,
        rows=row.rows or 0,
        pct_total=percent(total, row.all_total_ms or 0.0) or 0.0,
        plans=row.plans,
        plan_time_ms=row.plan_ms,
        shared_blocks_hit=row.shared_blks_hit or 0,
        shared_blocks_read=row.shared_blks_read or 0,
        shared_blocks_dirtied=row.shared_blks_dirtied or 0,
        shared_blocks_written=row.shared_blks_written or 0,
        temp_blocks_read=row.temp_blks_read or 0,
        temp_blocks_written=row.temp_blks_written or 0,
        io_read_ms=row.io_read_ms,
        io_write_ms=row.io_write_ms,
        wal_records=row.wal_records,
        wal_bytes=row.wal_bytes,
        cache_hit_percent=percent(row.shared_blks_hit or 0, (row.shared_blks_hit or 0) + (row.shared_blks_read or 0)),
    )


def percent(part: float, whole: float) -> float | None:
    """Return a share in percent, None of nothing."""
    return round(part * 100 / whole, 2) if whole else None
