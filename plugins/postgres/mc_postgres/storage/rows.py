"""Storage as the plugin shows it."""

from __future__ import annotations

from datetime import datetime

from mc_postgres.answers import Answer, CachedAnswer
from mc_postgres.sessions import UNKNOWN_TIME
from mc_sdk import Struct


class VacuumStats(Struct, omit_defaults=True, kw_only=True):
    """One table; the four older times are year 1 when unknown, the ones that end in `At` are absent."""

    schema: str
    table: str
    size_bytes: int | None
    live_tuples: int
    dead_tuples: int
    dead_tuple_pct: float
    last_vacuum: datetime
    last_autovacuum: datetime
    last_analyze: datetime
    last_autoanalyze: datetime
    vacuum_count: int
    autovacuum_count: int
    analyze_count: int
    autoanalyze_count: int
    dead_threshold: int
    ins_threshold: int | None = None
    due_in: int
    """Dead rows until autovacuum comes; below zero it is late."""
    is_due: bool
    xid_age: int
    mxid_age: int
    reloptions: tuple[str, ...] = ()
    mods_since_analyze: int
    ins_since_vacuum: int | None = None
    last_vacuum_at: datetime | None = None
    last_autovacuum_at: datetime | None = None
    last_analyze_at: datetime | None = None
    last_autoanalyze_at: datetime | None = None
    autovacuum_enabled: bool
    is_locked: bool = False


class Relation(Struct, omit_defaults=True, kw_only=True):
    """One table with everything that belongs to it; sizes are null while it is locked."""

    schema: str
    name: str
    kind: str
    size_bytes: int | None
    table_bytes: int | None
    index_bytes: int | None
    toast_bytes: int | None
    rows: int
    growth_bytes: int | None = None
    growth_seconds: float | None = None
    cache_hit_percent: float | None = None
    last_seq_scan: datetime | None = None
    """When it was last read from end to end; absent before 16, and when it never was."""
    seq_scans: int
    index_scans: int
    partition_of: str | None = None


class Relations(CachedAnswer, omit_defaults=True, kw_only=True):
    """The largest relations."""

    database_size_bytes: int | None
    relations: list[Relation]
    total: int


class Bloat(Struct, omit_defaults=True, kw_only=True):
    """A table or index with what of it is free or dead; `method` is `none` when nothing is known."""

    schema: str
    name: str
    table: str | None = None
    size_bytes: int
    bloat_bytes: int | None
    bloat_pct: float | None
    method: str
    confidence: str
    reason: str = ""
    fill_factor: int


class BloatReport(CachedAnswer, omit_defaults=True, kw_only=True):
    """Most wasteful first."""

    tables: list[Bloat]
    indexes: list[Bloat]
    total_bloat_bytes: int
    scanned: int


class DatabaseAge(Struct, kw_only=True):
    """A database's distance to wraparound."""

    name: str
    xid_age: int
    mxid_age: int
    xid_pct_of_freeze_max: float
    xid_pct_of_limit: float
    mxid_pct_of_freeze_max: float
    mxid_pct_of_limit: float
    is_connected: bool


class TableAge(Struct, omit_defaults=True, kw_only=True):
    """A table's distance to its next forced vacuum."""

    schema: str
    name: str
    toast_of: str | None = None
    xid_age: int
    mxid_age: int
    xid_pct_of_freeze_max: float
    size_bytes: int


class HorizonHolder(Struct, omit_defaults=True, kw_only=True):
    """Somebody because of whom dead rows cannot be removed."""

    kind: str
    pid: int | None = None
    name: str | None = None
    database: str | None = None
    user: str | None = None
    xmin_age: int | None
    age_ms: int | None = None
    state: str | None = None
    query: str | None = None
    is_oldest: bool


class Wraparound(Answer, omit_defaults=True, kw_only=True):
    """Ages against autovacuum's limits and against the hard one."""

    databases: list[DatabaseAge]
    tables: list[TableAge]
    horizon: list[HorizonHolder]
    freeze_max_age: int
    mxid_freeze_max_age: int


class Sequence(Struct, omit_defaults=True, kw_only=True):
    """Values are texts, since they may be beyond what a browser's numbers keep."""

    schema: str
    name: str
    data_type: str
    last_value: str | None
    max_value: str
    used_pct: float | None
    column: str | None = None
    column_type: str | None = None
    column_pct: float | None = None
    cycles: bool


class Sequences(CachedAnswer, omit_defaults=True, kw_only=True):
    """Fullest first."""

    sequences: list[Sequence]


class Progress(Struct, omit_defaults=True, kw_only=True):
    """Something long that is under way."""

    pid: int
    kind: str
    database: str | None = None
    relation: str | None = None
    index: str | None = None
    phase: str
    done: int
    total: int
    unit: str
    percent: float | None = None
    eta_ms: int | None = None
    elapsed_ms: int | None = None
    is_autovacuum: bool = False
    query: str | None = None
    details: dict[str, int | str]


class ProgressReport(Answer, omit_defaults=True, kw_only=True):
    """What is under way on the whole server."""

    items: list[Progress]


def known(at: datetime | None) -> datetime:
    """Return a time as the reference spells it: year 1 when it is not known."""
    return at or UNKNOWN_TIME
