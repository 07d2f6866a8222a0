"""Takes snapshots of statement counters, on demand and while somebody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mc_postgres.database import open_database
from mc_postgres.state import PluginState
from mc_postgres.statements.columns import CounterColumns, Snapshot, make_snapshot, pack
from mc_postgres.statements.rows import InfoRow, SnapshotInfo, Snapshots
from mc_postgres.statements.state import Availability, can_read, find_statements
from mc_postgres.statements.store import Kept, StoreKey, Text
from mc_sdk import Context, Forbidden, OperationError, Struct

if TYPE_CHECKING:
    from mc_postgres.database import Database

INTERVAL_S = 60
MAX_ENTRIES = 5000
TEXT_MAX_CHARS = 4000
OWN_MARK = "/* mission-control */"


class TextRow(Struct):
    """A row of `statement_texts.sql`."""

    query_id: int
    query: str


def store_key(ctx: Context[PluginState], db: Database) -> StoreKey:
    """Return the key of a database's snapshots; nobody reaches those of another item."""
    return ctx.item_id, db.target.params.get("dbname") or db.target.database


async def capture(db: Database, found: Availability) -> Snapshot:
    """Return the counters of now."""
    [columns] = await db.fetch(CounterColumns, "statement_counters", found.names, limit=MAX_ENTRIES)
    info = None
    if found.has_info:
        try:
            async with db.savepoint():
                info = await db.fetch_one(InfoRow, "statements_info", found.names)
        except Forbidden:
            info = None
    reset = info.stats_reset if info else None
    return make_snapshot(columns, datetime.now(UTC), reset, info.dealloc if info else 0)


async def learn_texts(ctx: Context[PluginState], db: Database, found: Availability, snapshot: Snapshot) -> None:
    """Remember the texts of statements that were not seen before; the caller holds the shelf's lock."""
    key = store_key(ctx, db)
    known = ctx.state.snapshots.texts(key)
    new = sorted({query_id for query_id, _, _ in snapshot.keys} - known.keys())
    if not new:
        return
    rows = await db.fetch(TextRow, "statement_texts", found.names, query_ids=new, text_max=TEXT_MAX_CHARS)
    texts = {row.query_id: Text(row.query, OWN_MARK in row.query, len(row.query) >= TEXT_MAX_CHARS) for row in rows}
    await ctx.state.snapshots.remember_texts(key, texts)


async def take(ctx: Context[PluginState], db: Database, found: Availability) -> tuple[Kept, Snapshot]:
    """Take a snapshot and keep it."""
    key = store_key(ctx, db)
    shelf = await ctx.state.snapshots.shelf(key)
    async with shelf.lock:
        snapshot = await capture(db, found)
        await learn_texts(ctx, db, found, snapshot)
        kept = await ctx.state.snapshots.add(key, snapshot.captured_at, len(snapshot.keys), pack(snapshot))
    return kept, snapshot


async def take_snapshot(ctx: Context[PluginState], database: str) -> SnapshotInfo:
    """Take a snapshot now. Raises: OperationError with the reason why there are no statements."""
    async with open_database(ctx, database) as db:
        found = await find_statements(db)
        if not can_read(found):
            raise OperationError(found.warning, reason=found.reason)
        kept, _ = await take(ctx, db, found)
        return info_of(kept)


async def snapshot_if_due(ctx: Context[PluginState], db: Database, found: Availability) -> None:
    """Take a snapshot when the last one is old enough."""
    shelf = await ctx.state.snapshots.shelf(store_key(ctx, db))
    if is_due(shelf.kept, datetime.now(UTC)):
        await take(ctx, db, found)


def is_due(kept: list[Kept], now: datetime) -> bool:
    """Say whether the last snapshot is old enough for another; one from the future is of a clock that was set back."""
    return not kept or abs(now - kept[-1].captured_at) >= timedelta(seconds=INTERVAL_S)


async def list_snapshots(ctx: Context[PluginState], db: Database) -> Snapshots:
    """Return what is kept for this item and database."""
    shelf = await ctx.state.snapshots.shelf(store_key(ctx, db))
    return Snapshots(snapshots=[info_of(kept) for kept in shelf.kept], automatic=True, interval_seconds=INTERVAL_S)


def info_of(kept: Kept) -> SnapshotInfo:
    """Return a snapshot as it is listed."""
    return SnapshotInfo(id=kept.id, captured_at=kept.captured_at, entries=kept.entries)
