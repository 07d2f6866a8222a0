"""Rows of the statement queries, and statements as the plugin shows them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mc_postgres.answers import Answer
from mc_sdk import Struct


class StateRow(Struct):
    """A row of `statements_state.sql`."""

    version: str | None
    schema: str | None
    default_version: str | None
    preloaded: str | None
    max_entries: int | None
    track_io_timing: bool
    database_id: int


class InfoRow(Struct):
    """A row of `statements_info.sql`."""

    dealloc: int
    stats_reset: datetime | None


class StatementRow(Struct):
    """A row of `statements.sql`; without any statement there is one row with nothing but the counts."""

    query_id: str | None
    user_id: int | None
    user: str | None
    database_id: int | None
    database: str | None
    toplevel: bool | None
    query: str | None
    is_cut: bool | None
    calls: int | None
    rows: int | None
    total_ms: float | None
    min_ms: float | None
    max_ms: float | None
    stddev_ms: float | None
    plans: int | None
    plan_ms: float | None
    shared_blks_hit: int | None
    shared_blks_read: int | None
    shared_blks_dirtied: int | None
    shared_blks_written: int | None
    temp_blks_read: int | None
    temp_blks_written: int | None
    io_read_ms: float | None
    io_write_ms: float | None
    wal_records: int | None
    wal_bytes: int | None
    all_total_ms: float | None
    all_calls: int | None
    all_rows: int | None
    hidden: int
    entries: int


class Statement(Struct, omit_defaults=True, kw_only=True):
    """One statement's counters, since the last reset or between two snapshots."""

    query_id: str | None = None
    user_id: int
    user: str | None = None
    database_id: int
    database: str | None = None
    toplevel: bool | None = None
    query: str
    truncated: bool = False
    calls: int
    total_exec_time_ms: float
    mean_exec_time_ms: float
    min_exec_time_ms: float | None = None
    max_exec_time_ms: float | None = None
    stddev_exec_time_ms: float | None = None
    rows: int
    pct_total: float
    plans: int | None = None
    plan_time_ms: float | None = None
    shared_blocks_hit: int
    shared_blocks_read: int
    shared_blocks_dirtied: int
    shared_blocks_written: int
    temp_blocks_read: int
    temp_blocks_written: int
    io_read_ms: float | None = None
    io_write_ms: float | None = None
    wal_records: int | None = None
    wal_bytes: int | None = None
    cache_hit_percent: float | None = None
    calls_per_s: float | None = None
    time_per_s: float | None = None
    """Milliseconds of execution per second of the interval."""
    new: bool = False


class Totals(Struct, omit_defaults=True, kw_only=True):
    """Sums over all statements that match, shown or not."""

    calls: int
    total_exec_time_ms: float
    rows: int
    calls_per_s: float | None = None


class StatementStats(Struct, omit_defaults=True, kw_only=True):
    """How full the extension's table is, and since when it counts."""

    dealloc: int | None = None
    stats_reset: datetime | None = None
    entries: int
    max: int | None = None


class SlowQueries(Answer, omit_defaults=True, kw_only=True):
    """The most expensive statements; when there are none to be had, `reason` and `warning` tell why."""

    available: bool
    reason: str = ""
    warning: str = ""
    can_install: bool
    install_sql: str = ""
    queries: tuple[Statement, ...] = ()
    totals: Totals | None = None
    hidden_count: int = 0
    stats: StatementStats | None = None
    track_io_timing: bool


class InstallResult(Struct, omit_defaults=True, kw_only=True):
    """What is installed now; `warning` when its library was not loaded by the server's start."""

    installed: bool
    extension_version: str = ""
    shared_preload_configured: bool
    shared_preload_libraries: str = ""
    warning: str = ""


class SnapshotInfo(Struct, omit_defaults=True, kw_only=True):
    """A snapshot in a list; `id` is absent for the present."""

    id: str = ""
    captured_at: datetime
    entries: int


class Snapshots(Struct, kw_only=True):
    """Snapshots of an item, oldest first; taken while somebody looks at its statements."""

    snapshots: list[SnapshotInfo]
    automatic: bool
    interval_seconds: int


class StatementsDiff(Answer, omit_defaults=True, kw_only=True):
    """What was executed between two snapshots."""

    available: bool
    reason: str = ""
    warning: str = ""
    can_install: bool
    from_: SnapshotInfo | None = msgspec.field(name="from", default=None)
    to: SnapshotInfo | None = None
    seconds: float
    reset: bool
    reset_at: datetime | None = None
    deallocated: int
    statements: list[Statement]
    totals: Totals | None = None
    evicted_count: int
    new_count: int
    hidden_count: int = 0
    waiting_for_second_snapshot: bool = False
    track_io_timing: bool


class ResetResult(Struct):
    """`reset` is true once the counters are gone."""

    reset: bool
