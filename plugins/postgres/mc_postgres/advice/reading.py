"""`indexes`: what the server knows of its indexes, judged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mc_postgres.advice.hypothetical import suggest_indexes
from mc_postgres.advice.judging import bloated_indexes, judge_indexes, missing_for_keys, scanned_tables
from mc_postgres.advice.rows import (
    AgeRow,
    DefinitionRow,
    ForeignKeyRow,
    IndexFinding,
    IndexReport,
    IndexRow,
    IndexTotal,
    IndexUse,
    MakingRow,
    ScanRow,
)
from mc_postgres.database import Database, open_database
from mc_postgres.state import PluginState
from mc_postgres.storage.bloat import cached_bloat
from mc_postgres.storage.relations import find_last_scans
from mc_sdk import Conflict, Context

if TYPE_CHECKING:
    from mc_postgres.operations.indexes import IndexesParams

INDEX_LIMIT = 60_000
KEY_LIMIT = 20_000
SCAN_LIMIT = 50
MIN_SCANNED_TUPLES = 10_000
MIN_SCANS = 50
SHOWN = 200
DAY_S = 86_400
ORDER = ("invalid", "missing_fk", "hypothetical", "seq_scan", "duplicate", "overlapping", "unused", "bloated")


async def read_indexes(ctx: Context[PluginState], params: IndexesParams) -> IndexReport:
    """Return the report, perhaps as of a moment ago."""
    async with open_database(ctx, params.database) as db:
        whole = await cached_indexes(ctx, db, refresh=params.refresh)
    kept = [one for one in whole.findings if one.size_bytes >= params.min_bytes]
    return IndexReport(
        findings=kept,
        indexes=whole.indexes,
        total=whole.total,
        stats_since=whole.stats_since,
        standby_note=whole.standby_note,
        suggestion_note=whole.suggestion_note,
        suggestion_sql=whole.suggestion_sql,
        warnings=whole.warnings,
        needs=whole.needs,
        as_of=whole.as_of,
        age_ms=whole.age_ms,
        cost_ms=whole.cost_ms,
    )


async def cached_indexes(ctx: Context[PluginState], db: Database, *, refresh: bool = False) -> IndexReport:
    """Return the report on all indexes."""

    async def make() -> IndexReport:
        return await judge_all(ctx, db, refresh=refresh)

    key = ("indexes", ctx.item_id, db.target.params)
    return await ctx.state.slow_lane.get(IndexReport, key, make, refresh=refresh)


async def judge_all(ctx: Context[PluginState], db: Database, *, refresh: bool) -> IndexReport:
    """Return the report as of now."""
    rows = await db.fetch(IndexRow, "all_indexes", limit=INDEX_LIMIT)
    keys = await db.fetch(ForeignKeyRow, "foreign_keys", limit=KEY_LIMIT)
    making = frozenset(row.relation for row in await db.fetch(MakingRow, "indexes_in_making"))
    scans = await db.fetch(ScanRow, "table_scans", min_tuples=MIN_SCANNED_TUPLES, min_scans=MIN_SCANS, limit=SCAN_LIMIT)
    [age] = await db.fetch(AgeRow, "stats_age")
    since = age.stats_reset or age.started_at
    age_days = max(0.0, (datetime.now(UTC) - since).total_seconds() / DAY_S)  # clocks differ, and jump
    bloat = await cached_bloat(ctx, db, 0, refresh=refresh)
    found = judge_indexes(rows, keys, making, age_days)
    found += [*missing_for_keys(keys, rows), *scanned_tables(scans), *bloated_indexes(bloat.indexes, rows)]
    suggestions = await suggest_indexes(db)
    found += suggestions.findings
    found.sort(key=lambda one: (ORDER.index(one.kind), -one.size_bytes, one.table, one.index or ""))
    last = await last_scans(db, rows, found)
    for one in found:
        one.stats_since, one.stats_age_days = age.stats_reset, round(age_days, 2)
        one.last_scan = last.get(one.index or "")
    warning = f"only the {INDEX_LIMIT} largest indexes are looked at"
    return IndexReport(
        findings=found,
        indexes=await largest(db, rows, last),
        total=IndexTotal(count=len(rows), size_bytes=sum(row.size_bytes for row in rows)),
        stats_since=age.stats_reset,
        standby_note=note_standbys(age),
        suggestion_note=suggestions.note,
        suggestion_sql=suggestions.sql,
        warnings=(warning,) if len(rows) == INDEX_LIMIT else (),
        needs=bloat.needs,
        as_of=datetime.now(UTC),
        age_ms=0,
        cost_ms=db.cost_ms,
    )


def note_standbys(age: AgeRow) -> str:
    """Return what one must know before dropping an index that is used elsewhere."""
    if age.in_recovery:
        return "this is a standby: it counts its own scans, not the primary's"
    if age.standbys:
        return f"{age.standbys} standbys replay this server's WAL: look there as well before dropping an index"
    return ""


async def last_scans(db: Database, rows: list[IndexRow], found: list[IndexFinding]) -> dict[str, datetime]:
    """Return when the indexes that are shown were last used, as far as the version knows."""
    named = {one.index for one in found}
    oids = [row.oid for at, row in enumerate(rows) if at < SHOWN or row.index in named]
    names = {row.oid: row.index for row in rows}
    return {names[oid]: at for oid, at in (await find_last_scans(db, oids)).items()}


async def largest(db: Database, rows: list[IndexRow], last: dict[str, datetime]) -> list[IndexUse]:
    """Return the largest indexes with their definitions; those of locked tables have none."""
    shown = [row for row in rows if row.kind == "i"][:SHOWN]
    texts: dict[int, str] = {}
    try:
        async with db.savepoint():
            answers = await db.fetch(DefinitionRow, "index_definitions", indexes=[row.oid for row in shown])
            texts = {row.oid: row.definition for row in answers}
    except Conflict:
        texts = {}  # a lock was taken after the look at pg_locks
    return [
        IndexUse(
            table=row.table,
            index=row.index,
            size_bytes=row.size_bytes,
            scans=row.scans,
            last_scan=last.get(row.index),
            tuples_read=row.tuples_read,
            is_unique=row.is_unique,
            is_primary=row.is_primary,
            is_valid=row.is_valid,
            definition=texts.get(row.oid, ""),
        )
        for row in shown
    ]
