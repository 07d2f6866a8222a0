"""Rows of the lock queries, and the nodes of the tree as the plugin shows them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mc_postgres.answers import Answer
from mc_sdk import Struct


class TreeLockRow(Struct):
    """A row of `lock_tree.sql`; `pid` is None for a prepared transaction, `blockers` are those of a waiting pid."""

    pid: int | None
    blockers: list[int] | None
    granted: bool
    lock_type: str
    mode: str
    database: str | None
    relation: str | None
    relation_oid: int | None
    page: int | None
    tuple_number: int | None
    transaction_id: str | None
    virtual_xid: str | None
    virtual_transaction: str | None
    class_id: int | None
    object_id: int | None
    object_sub_id: int | None
    database_oid: int | None
    waited_since: datetime | None

    @property
    def target(self) -> tuple[object, ...]:
        """What is locked: two rows with the same target compete."""
        where = (self.lock_type, self.database_oid, self.relation_oid, self.page, self.tuple_number)
        return (*where, self.transaction_id, self.virtual_xid, self.class_id, self.object_id, self.object_sub_id)


class BackendRow(Struct):
    """A row of `lock_backends.sql`."""

    pid: int
    user: str | None
    database: str | None
    application_name: str | None
    client_addr: str | None
    state: str | None
    backend_type: str | None
    backend_start: datetime | None
    wait_event_type: str | None
    wait_event: str | None
    query: str | None
    xact_age_ms: int | None
    query_age_ms: int | None
    state_age_ms: int | None
    visible: bool
    leader_pid: int | None
    is_own: bool
    can_signal: bool | None
    now: datetime


class PreparedRow(Struct):
    """A row of `prepared_transactions.sql`."""

    gid: str
    owner: str
    database: str
    prepared_at: datetime
    age_ms: int
    xid: str
    xid_age: int
    locks: int


class LockRow(Struct):
    """A row of `locks.sql`."""

    pid: int | None
    database: str | None
    user: str | None
    state: str | None
    lock_type: str
    mode: str
    granted: bool
    relation: str | None
    page: int | None
    tuple_number: int | None
    blocked_by: list[int] | None
    wait_event: str | None
    query: str | None
    age_ms: int | None
    wait_ms: int | None
    prepared_gid: str | None
    is_root: bool | None


class Lock(Struct, omit_defaults=True, kw_only=True):
    """One lock; `pid` is 0 for a prepared transaction."""

    pid: int
    database: str | None = None
    user: str | None = None
    state: str | None = None
    lock_type: str
    mode: str
    granted: bool
    relation: str | None = None
    page: int | None = None
    tuple_number: int | None = msgspec.field(name="tuple", default=None)
    blocked_by: tuple[int, ...] = ()
    wait_event: str | None = None
    query: str | None = None
    age_ms: int = 0
    wait_ms: int | None = None
    prepared_gid: str | None = None
    is_root: bool = False


class WaitingFor(Struct, omit_defaults=True, kw_only=True):
    """The lock that a session wants."""

    lock_type: str
    mode: str
    relation: str | None = None
    database: str | None = None
    page: int | None = None
    tuple_number: int | None = msgspec.field(name="tuple", default=None)
    transaction_id: str | None = None


class Held(Struct, omit_defaults=True, kw_only=True):
    """A lock that somebody else waits for."""

    lock_type: str
    mode: str
    relation: str | None = None


class LockNode(Struct, omit_defaults=True, kw_only=True):
    """A session in the tree; `edge` says why it is below its parent: `hard` holds the lock, `queue` is ahead of it."""

    pid: int
    prepared_gid: str = ""
    kind: str
    user: str | None = None
    database: str | None = None
    application_name: str | None = None
    client_addr: str | None = None
    state: str | None = None
    backend_start: datetime | None = None
    xact_age_ms: int | None = None
    query_age_ms: int | None = None
    state_age_ms: int | None = None
    wait_ms: int | None = None
    waiting_for: WaitingFor | None = None
    holding: list[Held]
    query: str | None = None
    last_query: bool
    note: str = ""
    blocked_count: int
    is_root: bool
    can_signal: bool
    visible: bool
    edge: str = ""
    blocked_by: tuple[int, ...]
    children: list[LockNode]


class LockTree(Answer, omit_defaults=True, kw_only=True):
    """The trees, largest first."""

    captured_at: datetime
    roots: list[LockNode]
    deadlock_suspects: list[list[int]]
    truncated: bool
    waiter_count: int


class PreparedTransactions(Answer, omit_defaults=True, kw_only=True):
    """What was prepared and not ended."""

    items: list[PreparedRow]
