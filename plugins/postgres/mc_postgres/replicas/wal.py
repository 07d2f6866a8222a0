"""`wal`: how much is written, whether it is archived, what checkpoints cost; the same fields on every version."""

from __future__ import annotations

import time
from datetime import datetime

from mc_postgres.database import Database, open_database
from mc_postgres.replicas.replication import ViewRow, text
from mc_postgres.replicas.rows import Archiver, BackgroundWriter, Checkpoints, IoStats, WalReport, WalStats
from mc_postgres.state import PluginState
from mc_sdk import JSON, Context, Struct

CHECKPOINTER_VERSION = 170_000
WAL_STATS_VERSION = 140_000
IO_VERSION = 160_000
SAMPLE_KEEP_S = 900.0


class ArchiverRow(Struct):
    """A row of `archiver.sql`."""

    mode: str
    archived_count: int
    last_archived: str | None
    last_archived_at: datetime | None
    failed_count: int
    last_failed: str | None
    last_failed_at: datetime | None
    is_failing: bool | None
    wal_level: str
    segment_size_bytes: int


class CheckpointRow(Struct):
    """A row of `checkpoints.sql` and `checkpoints_bgwriter.sql`."""

    timed: int
    requested: int
    write_ms: float
    sync_ms: float
    buffers_written: int
    stats_reset: datetime | None
    restartpoints_timed: int | None
    restartpoints_requested: int | None
    buffers_clean: int
    maxwritten_clean: int
    buffers_alloc: int
    buffers_backend: int | None


class PositionRow(Struct):
    """A row of `wal_position.sql`."""

    position: int


class DirectoryRow(Struct):
    """A row of `wal_directory.sql`."""

    segment_count: int
    directory_bytes: int


class ReadyRow(Struct):
    """A row of `archive_ready.sql`."""

    ready_count: int


async def read_wal(ctx: Context[PluginState]) -> WalReport:
    """Return WAL, archiver, checkpoints and I/O; what cannot be had is told in `unknown`."""
    async with open_database(ctx) as db:
        unknown: dict[str, str] = {}
        [archiver] = await db.fetch(ArchiverRow, "archiver")
        [checkpoints] = await fetch_checkpoints(db)
        ready = await db.fetch_known(unknown, "readyCount", ReadyRow, "archive_ready")
        directory = await db.fetch_known(unknown, "segmentCount", DirectoryRow, "wal_directory")
        position = await db.fetch_known(unknown, "walBytesPerS", PositionRow, "wal_position")
        role = await db.role()
        is_blind = not directory and not role.has("pg_monitor")
        return WalReport(
            wal_level=archiver.wal_level,
            wal_bytes_per_s=rate(ctx, position[0].position) if position else None,
            segment_count=directory[0].segment_count if directory else None,
            wal_directory_bytes=directory[0].directory_bytes if directory else None,
            segment_size_bytes=archiver.segment_size_bytes,
            archiver=render_archiver(archiver, ready[0].ready_count if ready else None),
            checkpoints=render_checkpoints(checkpoints),
            bgwriter=BackgroundWriter(
                buffers_clean=checkpoints.buffers_clean,
                maxwritten_clean=checkpoints.maxwritten_clean,
                buffers_alloc=checkpoints.buffers_alloc,
                buffers_backend=checkpoints.buffers_backend,
            ),
            wal=await read_wal_stats(db, unknown),
            io=await read_io(db, unknown),
            unknown=unknown,
            needs=(role.need_monitor("files of the WAL directory"),) if is_blind else (),
            cost_ms=db.cost_ms,
        )


async def fetch_checkpoints(db: Database) -> list[CheckpointRow]:
    """Return the counters of checkpoints from where this version keeps them."""
    query = "checkpoints" if db.version_num >= CHECKPOINTER_VERSION else "checkpoints_bgwriter"
    return await db.fetch(CheckpointRow, query)


def render_archiver(row: ArchiverRow, ready_count: int | None) -> Archiver:
    """Return the archiver's state."""
    return Archiver(
        mode=row.mode,
        archived_count=row.archived_count,
        last_archived=row.last_archived,
        last_archived_at=row.last_archived_at,
        failed_count=row.failed_count,
        last_failed=row.last_failed,
        last_failed_at=row.last_failed_at,
        is_failing=bool(row.is_failing),
        ready_count=ready_count,
    )


def render_checkpoints(row: CheckpointRow) -> Checkpoints:
    """Return the counters of checkpoints."""
    return Checkpoints(
        timed=row.timed,
        requested=row.requested,
        write_ms=row.write_ms,
        sync_ms=row.sync_ms,
        buffers_written=row.buffers_written,
        stats_reset=row.stats_reset,
        restartpoints_timed=row.restartpoints_timed,
        restartpoints_requested=row.restartpoints_requested,
    )


def rate(ctx: Context[PluginState], position: int) -> float | None:
    """Return bytes per second since the last look, None at the first or after a long while."""
    now = time.monotonic()
    before = ctx.state.wal_positions.get(ctx.item_id)
    ctx.state.wal_positions[ctx.item_id] = (now, position)
    if before is None or now - before[0] > SAMPLE_KEEP_S or now <= before[0] or position < before[1]:
        return None
    return round((position - before[1]) / (now - before[0]), 1)


async def read_wal_stats(db: Database, unknown: dict[str, str]) -> WalStats | None:
    """Return WAL counters; since 18 the times are with the I/O statistics."""
    if db.version_num < WAL_STATS_VERSION:
        unknown["wal"] = "counted since PostgreSQL 14"
        return None
    rows = await db.fetch_known(unknown, "wal", ViewRow, "wal_stats")
    if not rows:
        return None
    row = rows[0].row
    has_times = "wal_write" in row
    return WalStats(
        records=integer(row, "wal_records"),
        fpi=integer(row, "wal_fpi"),
        bytes=integer(row, "wal_bytes"),
        buffers_full=integer(row, "wal_buffers_full"),
        write=integer(row, "wal_write") if has_times else None,
        sync=integer(row, "wal_sync") if has_times else None,
        write_ms=real(row, "wal_write_time") if has_times else None,
        sync_ms=real(row, "wal_sync_time") if has_times else None,
        stats_reset=text(row, "stats_reset"),
    )


async def read_io(db: Database, unknown: dict[str, str]) -> list[IoStats]:
    """Return I/O by kind of process; 16 and 17 tell the bytes of one operation, 18 their sums."""
    if db.version_num < IO_VERSION:
        unknown["io"] = "counted since PostgreSQL 16"
        return []
    return [render_io(row.row) for row in await db.fetch_known(unknown, "io", ViewRow, "io_stats")]


def render_io(row: dict[str, JSON]) -> IoStats:
    """Return one line of I/O statistics."""
    unit = integer(row, "op_bytes")
    return IoStats(
        backend_type=str(row.get("backend_type")),
        object=str(row.get("object")),
        context=str(row.get("context")),
        reads=integer(row, "reads"),
        read_bytes=integer(row, "reads") * unit if unit else integer(row, "read_bytes"),
        read_ms=real(row, "read_time"),
        writes=integer(row, "writes"),
        write_bytes=integer(row, "writes") * unit if unit else integer(row, "write_bytes"),
        write_ms=real(row, "write_time"),
        extends=integer(row, "extends"),
        hits=integer(row, "hits"),
        evictions=integer(row, "evictions"),
        fsyncs=integer(row, "fsyncs"),
    )


def integer(row: dict[str, JSON], key: str) -> int:
    """Return a counter, 0 when the view lacks it."""
    value = row.get(key)
    return int(value) if isinstance(value, int | float) else 0


def real(row: dict[str, JSON], key: str) -> float:
    """Return a time, 0 when the view lacks it."""
    value = row.get(key)
    return float(value) if isinstance(value, int | float) else 0.0
