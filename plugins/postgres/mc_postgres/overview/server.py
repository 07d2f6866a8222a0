"""Findings about the server as a whole: replication, archiving, checkpoints, counters, settings."""

from __future__ import annotations

from collections.abc import Iterator

from mc_postgres.overview.rows import Finding, Link, Severity
from mc_postgres.overview.upkeep import spell_bytes
from mc_postgres.replicas.rows import Archiver, ReplicationReport, Sender, Slot
from mc_sdk import Struct

GB = 1024**3
MB = 1024**2
SLOT_INFO_BYTES, SLOT_WARNING_BYTES, SLOT_CRITICAL_BYTES = 64 * MB, 1 * GB, 10 * GB
LAG_BYTES, LAG_MS, LAG_CRITICAL_MS = 64 * MB, 60_000, 3_600_000
MIN_CHECKPOINTS = 3
MIN_CHECKPOINT_SECONDS = 60
MIN_BLOCKS = 10_000
CACHE_HIT_PCT = 95.0
TEMP_BYTES = 100 * MB
MIN_TRANSACTIONS, ROLLBACK_PCT = 100, 50.0


class FactsRow(Struct):
    """A row of `overview_facts.sql`."""

    track_io_timing: bool
    pending_restart: list[str]
    has_statements: bool | None
    max_connections: int
    in_recovery: bool


def judge_replication(report: ReplicationReport) -> Iterator[Finding]:
    """Yield standbys that lag, slots that hold back WAL, and a standby that does not replay."""
    for sender in report.senders:
        yield from judge_sender(sender)
    for slot in report.slots:
        yield from judge_slot(slot)
    recovery = report.recovery
    lag_bytes = recovery.replay_lag_bytes or 0 if recovery else 0
    lag_ms = recovery.replay_lag_ms or 0 if recovery else 0
    if recovery and (lag_bytes >= LAG_BYTES or (lag_ms >= LAG_MS and lag_bytes > 0)):
        yield Finding(
            id="replication_lag:self",
            kind="replication_lag",
            severity=Severity.CRITICAL if lag_ms >= LAG_CRITICAL_MS else Severity.WARNING,
            title=f"this standby is {spell_bytes(lag_bytes)} behind what it has received",
            evidence="replay is paused" if recovery.is_paused else f"{lag_ms / 1000:.0f} s since its last transaction",
            next_step="resume replay" if recovery.is_paused else "see what replay waits for, and its disk",
            link=Link(tab="replication"),
            sql="SELECT pg_wal_replay_resume();" if recovery.is_paused else "",
            weight=float(lag_bytes),
        )


def judge_sender(one: Sender) -> Iterator[Finding]:
    """Yield a finding about a standby that lags."""
    lag_bytes, lag_ms = one.replay_lag_bytes or 0, one.replay_lag_ms or 0
    if lag_bytes < LAG_BYTES and lag_ms < LAG_MS:
        return
    yield Finding(
        id=f"replication_lag:{one.application_name}:{one.pid}",
        kind="replication_lag",
        severity=Severity.CRITICAL if lag_ms >= LAG_CRITICAL_MS else Severity.WARNING,
        title=f"standby {one.application_name} is {spell_bytes(lag_bytes)} behind",
        evidence=f"{one.state}, {one.sync_state}; replay lag {lag_ms / 1000:.0f} s",
        next_step="see whether replay is paused there, and its network and disk",
        link=Link(tab="replication", params={"pid": one.pid}),
        facts={"pid": one.pid, "replayLagBytes": lag_bytes},
        weight=float(lag_bytes),
    )


def judge_slot(one: Slot) -> Iterator[Finding]:
    """Yield a finding about a slot that is lost, or that keeps WAL for nobody."""
    retained = one.retained_bytes or 0
    literal = one.name.replace("'", "''")
    drop = f"SELECT pg_drop_replication_slot('{literal}');"
    if one.wal_status in ("lost", "unreserved") or one.is_conflicting:
        yield Finding(
            id=f"slot_lost:{one.name}",
            kind="slot_lost",
            severity=Severity.CRITICAL,
            title=f"slot {one.name} is {one.wal_status or 'in conflict'}",
            evidence=f"its reader can no longer follow; {one.invalidation_reason or 'WAL it needs was removed'}",
            next_step="set its reader up anew, and drop the slot",
            link=Link(tab="replication", params={"slot": one.name}),
            sql=drop,
            weight=float(retained),
        )
        return
    if retained < SLOT_CRITICAL_BYTES and (one.active or retained < SLOT_INFO_BYTES):
        return
    severity = Severity.CRITICAL if retained >= SLOT_CRITICAL_BYTES else Severity.WARNING
    if not one.active and retained < SLOT_WARNING_BYTES:
        severity = Severity.INFO
    yield Finding(
        id=f"slot_retained:{one.name}",
        kind="slot_retained",
        severity=severity,
        title=f"slot {one.name} keeps {spell_bytes(retained)} of WAL",
        evidence=f"{'active' if one.active else 'nobody reads it'}; {one.wal_status or ''}".rstrip("; "),
        next_step="bring its reader back, or drop the slot before the disk is full",
        link=Link(tab="replication", params={"slot": one.name}),
        sql="" if one.active else drop,
        facts={"slot": one.name, "retainedBytes": retained},
        weight=float(retained),
    )


def judge_archiver(one: Archiver) -> Iterator[Finding]:
    """Yield a finding when archiving fails."""
    if not one.is_failing:
        return
    yield Finding(
        id="archiver_failing",
        kind="archiver_failing",
        severity=Severity.CRITICAL,
        title=f"archiving WAL fails ({one.failed_count} times)",
        evidence=f"last {one.last_failed} at {one.last_failed_at}; {one.ready_count or '?'} segments wait",
        next_step="see the server's log for what archive_command said; WAL piles up meanwhile",
        link=Link(tab="replication"),
        weight=float(one.failed_count),
    )


def spell_window(seconds: float) -> str:
    """Return the time that counters were watched for as a person says it."""
    return f"in the last {round(seconds / 60)} min" if seconds >= 60 else f"in the last {seconds:.0f} s"


def judge_counters(seconds: float, deltas: dict[str, float], database: str) -> Iterator[Finding]:
    """Yield what the counters of the last minutes say."""
    minutes = spell_window(seconds)
    blocks = deltas["blocks_hit"] + deltas["blocks_read"]
    if blocks >= MIN_BLOCKS and deltas["blocks_hit"] * 100 / blocks < CACHE_HIT_PCT:
        share = deltas["blocks_hit"] * 100 / blocks
        text = f"{deltas['blocks_read']:,.0f} of {blocks:,.0f} blocks came from outside its cache {minutes}"
        step = "see which statements read most; shared_buffers may be too small"
        yield counted("cache_hit", Severity.WARNING, f"only {share:.1f} % of blocks are found in the cache", text, step)
    if deltas["deadlocks"] > 0:
        step = "lock rows in the same order everywhere; the server's log has the statements"
        title = f"{deltas['deadlocks']:.0f} deadlocks {minutes}"
        yield counted("deadlocks", Severity.WARNING, title, f"in database {database}", step)
    if deltas["temp_bytes"] >= TEMP_BYTES:
        title = f"{spell_bytes(deltas['temp_bytes'])} of temporary files {minutes}"
        step = "see which statements spill; work_mem may be too small for them"
        yield counted("temp_files", Severity.INFO, title, f"in database {database}", step)
    total = deltas["transactions"] + deltas["rollbacks"]
    if total >= MIN_TRANSACTIONS and deltas["rollbacks"] * 100 / total >= ROLLBACK_PCT:
        title = f"{deltas['rollbacks'] * 100 / total:.0f} % of transactions were rolled back {minutes}"
        text = f"{deltas['rollbacks']:,.0f} of {total:,.0f}"
        yield counted("rollbacks", Severity.WARNING, title, text, "see the application's errors")


def judge_checkpoints(seconds: float, timed: int, requested: int) -> Iterator[Finding]:
    """Yield a finding when more checkpoints were forced than came by time."""
    if seconds >= MIN_CHECKPOINT_SECONDS and requested >= MIN_CHECKPOINTS and requested > timed:
        title = f"{requested} checkpoints were forced, {timed} came by time"
        step = "raise max_wal_size, so that checkpoints come by time"
        yield counted("checkpoints_requested", Severity.WARNING, title, spell_window(seconds), step)


def judge_checksums(failures: int | None) -> Iterator[Finding]:
    """Yield a finding when a page was damaged."""
    if failures:
        title = f"{failures} pages failed their checksum"
        step = "see the server's log for the files; check the disk and your backups; pg_stat_reset() counts anew"
        yield counted("checksum_failures", Severity.CRITICAL, title, "data on the disk is damaged", step)


def judge_settings(facts: FactsRow) -> Iterator[Finding]:
    """Yield what one should know of the settings."""
    if not facts.track_io_timing:
        title = "I/O is not timed"
        text = "track_io_timing is off: plans and statements tell blocks, but not what reading them cost"
        yield counted("io_timing_off", Severity.INFO, title, text, "ALTER SYSTEM SET track_io_timing = on, then reload")
    if facts.pending_restart:
        names = ", ".join(facts.pending_restart)
        title = f"{len(facts.pending_restart)} settings wait for a restart"
        yield counted("pending_restart", Severity.INFO, title, names, "restart the server when it suits")
    if not facts.has_statements:
        title, text = "statements are not counted", "extension pg_stat_statements is not installed in this database"
        yield counted("statements_missing", Severity.INFO, title, text, "install it in the Statements tab")


TABS = {"io_timing_off": "settings", "pending_restart": "settings", "checkpoints_requested": "replication"}


def counted(kind: str, severity: Severity, title: str, evidence: str, next_step: str) -> Finding:
    """Return a finding that there is at most once."""
    tab = TABS.get(kind, "statements")
    return Finding(
        id=kind, kind=kind, severity=severity, title=title, evidence=evidence, next_step=next_step, link=Link(tab=tab)
    )
