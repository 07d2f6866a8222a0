"""Replication and WAL as the plugin shows them."""

from __future__ import annotations

from datetime import datetime

from mc_postgres.answers import Answer
from mc_sdk import Struct


class Sender(Struct, omit_defaults=True, kw_only=True):
    """Somebody who receives this server's WAL; a lag of null is unknown."""

    pid: int
    application_name: str
    user: str | None = None
    client_addr: str | None = None
    state: str | None
    sync_state: str | None
    sent_lag_bytes: int | None
    write_lag_bytes: int | None
    flush_lag_bytes: int | None
    replay_lag_bytes: int | None
    write_lag_ms: int | None
    flush_lag_ms: int | None
    replay_lag_ms: int | None
    slot: str | None = None
    visible: bool


class Receiver(Struct, omit_defaults=True, kw_only=True):
    """Where a standby gets its WAL from."""

    status: str
    sender_host: str | None = None
    sender_port: int | None = None
    slot: str | None = None
    received_lsn: str | None = None
    replayed_lsn: str | None = None
    replay_lag_bytes: int | None = None
    last_message_at: str | None = None


class Recovery(Struct, omit_defaults=True, kw_only=True):
    """How far a standby has replayed."""

    is_paused: bool
    last_replay_at: datetime | None = None
    replay_lag_ms: int | None
    replay_lag_bytes: int | None
    conflicts: dict[str, int]


class Slot(Struct, omit_defaults=True, kw_only=True):
    """A replication slot."""

    name: str
    type: str
    plugin: str | None = None
    database: str | None = None
    active: bool
    pid: int | None = None
    retained_bytes: int | None
    wal_status: str | None = None
    safe_wal_size_bytes: int | None = None
    inactive_since: str | None = None
    invalidation_reason: str | None = None
    xmin_age: int | None = None
    catalog_xmin_age: int | None = None
    two_phase: bool = False
    is_conflicting: bool = False


class Publication(Struct, kw_only=True):
    """A publication; `tables` counts those that are named one by one."""

    name: str
    all_tables: bool
    insert: bool
    update: bool
    delete: bool
    truncate: bool
    tables: int


class Subscription(Struct, omit_defaults=True, kw_only=True):
    """A subscription."""

    name: str
    enabled: bool
    pid: int | None = None
    received_lsn: str | None = None
    last_message_at: datetime | None = None
    apply_errors: int | None = None
    sync_errors: int | None = None
    not_ready_tables: int


class ReplicationReport(Answer, omit_defaults=True, kw_only=True):
    """Everything around this server's WAL stream; `unknown` tells why a field is null or a list empty."""

    role: str
    current_lsn: str | None = None
    senders: list[Sender]
    receiver: Receiver | None = None
    recovery: Recovery | None = None
    slots: list[Slot]
    publications: list[Publication]
    subscriptions: list[Subscription]
    unknown: dict[str, str]


class Archiver(Struct, omit_defaults=True, kw_only=True):
    """Whether finished segments are archived."""

    mode: str
    archived_count: int
    last_archived: str | None = None
    last_archived_at: datetime | None = None
    failed_count: int
    last_failed: str | None = None
    last_failed_at: datetime | None = None
    is_failing: bool
    ready_count: int | None = None


class Checkpoints(Struct, omit_defaults=True, kw_only=True):
    """Checkpoints by cause, the same fields on every version."""

    timed: int
    requested: int
    write_ms: float
    sync_ms: float
    buffers_written: int
    stats_reset: datetime | None = None
    restartpoints_timed: int | None = None
    restartpoints_requested: int | None = None


class BackgroundWriter(Struct, omit_defaults=True, kw_only=True):
    """The background writer; `buffersBackend` is unknown since 17."""

    buffers_clean: int
    maxwritten_clean: int
    buffers_alloc: int
    buffers_backend: int | None = None


class WalStats(Struct, omit_defaults=True, kw_only=True):
    """WAL since the last reset (14 and later)."""

    records: int
    fpi: int
    bytes: int
    buffers_full: int
    write: int | None = None
    sync: int | None = None
    write_ms: float | None = None
    sync_ms: float | None = None
    stats_reset: str | None = None


class IoStats(Struct, omit_defaults=True, kw_only=True):
    """Reads and writes of one kind of process (16 and later)."""

    backend_type: str
    object: str
    context: str
    reads: int
    read_bytes: int | None = None
    read_ms: float | None = None
    writes: int
    write_bytes: int | None = None
    write_ms: float | None = None
    extends: int
    hits: int
    evictions: int
    fsyncs: int


class WalReport(Answer, omit_defaults=True, kw_only=True):
    """WAL, archiver, checkpoints and I/O."""

    wal_level: str
    wal_bytes_per_s: float | None = None
    segment_count: int | None = None
    wal_directory_bytes: int | None = None
    segment_size_bytes: int
    archiver: Archiver
    checkpoints: Checkpoints
    bgwriter: BackgroundWriter
    wal: WalStats | None = None
    io: list[IoStats]
    unknown: dict[str, str]
