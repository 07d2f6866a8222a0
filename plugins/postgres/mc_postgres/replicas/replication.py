"""`replication`: who receives our WAL, whose WAL we receive, and what slots hold back."""

from __future__ import annotations

from datetime import datetime

from mc_postgres.database import Database, open_database
from mc_postgres.replicas.rows import (
    Publication,
    Receiver,
    Recovery,
    ReplicationReport,
    Sender,
    Slot,
    Subscription,
)
from mc_postgres.state import PluginState
from mc_sdk import JSON, Context, Struct

SUBSCRIPTION_STATS_VERSION = 150_000


class RecoveryRow(Struct):
    """A row of `recovery.sql`."""

    is_standby: bool
    current_lsn: str | None
    received_lsn: str | None
    replayed_lsn: str | None
    is_paused: bool | None
    last_replay_at: datetime | None
    replay_lag_bytes: int | None
    replay_lag_ms: int | None
    conflicts: dict[str, JSON] | None


class SlotRow(Struct):
    """A row of `replication_slots.sql`."""

    name: str
    type: str
    plugin: str | None
    database: str | None
    active: bool
    pid: int | None
    retained_bytes: int | None
    xmin_age: int | None
    catalog_xmin_age: int | None
    row: dict[str, JSON]


class ViewRow(Struct):
    """A row of a view whose columns differ between versions."""

    row: dict[str, JSON]


class SubscriptionErrorRow(Struct):
    """A row of `subscription_errors.sql`."""

    name: str
    apply_errors: int
    sync_errors: int


async def read_replication(ctx: Context[PluginState], database: str) -> ReplicationReport:
    """Return the state of replication; what cannot be had is told in `unknown`."""
    async with open_database(ctx, database) as db:
        return await replication_of(db)


async def replication_of(db: Database) -> ReplicationReport:
    """Return the state of replication as an open database tells it."""
    unknown: dict[str, str] = {}
    recovery = await db.fetch_known(unknown, "recovery", RecoveryRow, "recovery")
    senders = await db.fetch_known(unknown, "senders", Sender, "replication_senders")
    slots = await db.fetch_known(unknown, "slots", SlotRow, "replication_slots")
    receivers = await db.fetch_known(unknown, "receiver", ViewRow, "replication_receiver")
    publications = await db.fetch_known(unknown, "publications", Publication, "publications")
    subscriptions = await read_subscriptions(db, unknown)
    first = recovery[0] if recovery else None
    role = await db.role()
    bound = db.target.database if db.target.is_bound else ""
    return ReplicationReport(
        role="standby" if first and first.is_standby else "primary",
        current_lsn=first.current_lsn if first else None,
        senders=senders,
        receiver=render_receiver(receivers[0].row, first) if receivers else None,
        recovery=render_recovery(first) if first and first.is_standby else None,
        slots=[render_slot(row) for row in slots if not bound or row.database in (bound, None)],
        publications=publications,
        subscriptions=subscriptions,
        unknown=unknown,
        needs=() if role.sees_all_stats else (role.need_stats("lag and state of standbys"),),
        cost_ms=db.cost_ms,
    )


async def read_subscriptions(db: Database, unknown: dict[str, str]) -> list[Subscription]:
    """Return the subscriptions with their error counts."""
    found = await db.fetch_known(unknown, "subscriptions", Subscription, "subscriptions")
    if found and db.version_num >= SUBSCRIPTION_STATS_VERSION:
        errors = await db.fetch_known(unknown, "applyErrors", SubscriptionErrorRow, "subscription_errors")
        by_name = {row.name: row for row in errors}
        for one in found:
            if (row := by_name.get(one.name)) is not None:
                one.apply_errors, one.sync_errors = row.apply_errors, row.sync_errors
    elif found:
        unknown["applyErrors"] = "counted since PostgreSQL 15"
    return found


def render_recovery(row: RecoveryRow) -> Recovery:
    """Return how far a standby is."""
    conflicts = {
        key.removeprefix("confl_"): value
        for key, value in (row.conflicts or {}).items()
        if key.startswith("confl_") and isinstance(value, int)
    }
    return Recovery(
        is_paused=bool(row.is_paused),
        last_replay_at=row.last_replay_at,
        replay_lag_ms=row.replay_lag_ms,
        replay_lag_bytes=row.replay_lag_bytes,
        conflicts=conflicts,
    )


def render_receiver(row: dict[str, JSON], recovery: RecoveryRow | None) -> Receiver:
    """Return where WAL comes from; a role without rights sees the process and nothing else."""
    port = row.get("sender_port")
    return Receiver(
        status=str(row.get("status") or "hidden"),
        sender_host=text(row, "sender_host"),
        sender_port=port if isinstance(port, int) else None,
        slot=text(row, "slot_name"),
        received_lsn=text(row, "flushed_lsn") or text(row, "received_lsn"),
        replayed_lsn=recovery.replayed_lsn if recovery else None,
        replay_lag_bytes=recovery.replay_lag_bytes if recovery else None,
        last_message_at=text(row, "last_msg_receipt_time"),
    )


def render_slot(row: SlotRow) -> Slot:
    """Return a slot; what the version's view lacks is absent."""
    safe = row.row.get("safe_wal_size")
    reason = text(row.row, "invalidation_reason")
    return Slot(
        name=row.name,
        type=row.type,
        plugin=row.plugin,
        database=row.database,
        active=row.active,
        pid=row.pid,
        retained_bytes=row.retained_bytes,
        wal_status=text(row.row, "wal_status"),
        safe_wal_size_bytes=safe if isinstance(safe, int) else None,
        inactive_since=text(row.row, "inactive_since"),
        invalidation_reason=reason,
        xmin_age=row.xmin_age,
        catalog_xmin_age=row.catalog_xmin_age,
        two_phase=row.row.get("two_phase") is True,
        is_conflicting=row.row.get("conflicting") is True,
    )


def text(row: dict[str, JSON], key: str) -> str | None:
    """Return a text of a view's row."""
    value = row.get(key)
    return None if value is None else str(value)
