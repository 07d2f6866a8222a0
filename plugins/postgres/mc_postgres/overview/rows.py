"""Findings and the answer that holds them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from mc_postgres.answers import Answer
from mc_sdk import JSON, Struct


class Severity(StrEnum):
    """How urgent a finding is."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    OK = "ok"


RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.OK: 3}
EXIT = {Severity.CRITICAL: 2, Severity.WARNING: 1, Severity.INFO: 0, Severity.OK: 0}


KINDS = frozenset(
    [
        "archiver_failing",
        "autovacuum_overdue",
        "bloat",
        "blocked",
        "cache_hit",
        "checkpoints_requested",
        "checksum_failures",
        "connections",
        "deadlocks",
        "duplicate_index",
        "horizon",
        "idle_in_transaction",
        "invalid_index",
        "io_timing_off",
        "long_transaction",
        "missing_index",
        "pending_restart",
        "prepared_transaction",
        "replication_lag",
        "rollbacks",
        "sequence",
        "slot_lost",
        "slot_retained",
        "statements_missing",
        "temp_files",
        "wraparound",
    ]
)
"""What is looked for; a finding's id begins with its kind."""


class Link(Struct, omit_defaults=True):
    """The tab that shows more, and what to show there."""

    tab: str
    params: dict[str, JSON] = msgspec.field(default_factory=dict)


class Finding(Struct, omit_defaults=True, kw_only=True):
    """One thing that is wrong; `id` stays the same while it lasts, `sql` is shown and never run."""

    id: str
    kind: str
    severity: Severity
    title: str
    evidence: str
    next_step: str
    link: Link
    sql: str = ""
    facts: dict[str, JSON] = msgspec.field(default_factory=dict)
    weight: float = 0.0
    """Within a severity, the heavier first."""


class Check(Struct, omit_defaults=True, kw_only=True):
    """What was looked for, and whether it could be: `ok`, `found`, `ignored` or `unavailable`."""

    kind: str
    state: str
    reason: str = ""


class Summary(Struct, omit_defaults=True, kw_only=True):
    """The figures above the findings."""

    client_total: int
    max_connections: int
    used_percent: float
    active: int
    waiting_on_lock: int
    idle_in_transaction: int
    blocked_count: int
    oldest_xact_age_ms: int | None = None
    cache_hit_percent: float | None = None
    commits_per_s: float | None = None
    replication_lag_bytes: int | None = None
    database_size_bytes: int | None = None
    in_recovery: bool


class Overview(Answer, omit_defaults=True, kw_only=True):
    """Findings by severity; `exit` is what a health check ends with."""

    captured_at: datetime
    severity: Severity
    exit: int
    findings: list[Finding]
    checks: list[Check]
    summary: Summary | None = None
    slow_lane_age_ms: int | None = None
    """How old the figures on bloat, indexes and sequences are."""
    ignored: int = 0
    """Findings that were left out because the caller said so."""
