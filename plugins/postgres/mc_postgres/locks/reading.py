"""What `lock-tree`, `locks-list` and `prepared-transactions` ask of the server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mc_postgres.database import Database, open_database
from mc_postgres.locks.rows import (
    BackendRow,
    Lock,
    LockNode,
    LockRow,
    LockTree,
    PreparedRow,
    PreparedTransactions,
    TreeLockRow,
)
from mc_postgres.locks.tree import build_tree, captured, cut_nodes
from mc_postgres.relation_names import name_elsewhere
from mc_postgres.state import PluginState
from mc_sdk import Context

if TYPE_CHECKING:
    from mc_postgres.operations.locks import LocksListParams, LockTreeParams

LOCK_LIMIT = 5000
ELSEWHERE = re.compile(r".+/[0-9]+")


async def read_lock_tree(ctx: Context[PluginState], params: LockTreeParams) -> LockTree:
    """Return who waits for whom, the causes on top."""
    async with open_database(ctx, params.database) as db:
        rows = await db.fetch(TreeLockRow, "lock_tree")
        # The snapshot of pg_stat_activity is taken after the locks', so that it knows all of their pids.
        pids = sorted({row.pid for row in rows if row.pid is not None})
        backends = await db.fetch(BackendRow, "lock_backends", pids=pids) if rows else []
        prepared = await db.fetch(PreparedRow, "prepared_transactions", database="") if has_prepared(rows) else []
        role = await db.role()
        shown = db.target.database
        needs = () if all(one.visible for one in backends) else (role.need_stats("queries of others"),)
        cost_ms, is_bound = db.cost_ms, db.target.is_bound
    if not is_bound:
        await name_relations(ctx, rows)
    roots, rings, waiter_count = build_tree(rows, backends, prepared, params.min_wait_ms)
    if shown:
        roots = [root for root in roots if concerns(root, shown)]
        waiter_count = sum(root.blocked_count for root in roots)
    return LockTree(
        captured_at=captured(backends),
        roots=roots,
        deadlock_suspects=rings,
        truncated=cut_nodes(roots),
        waiter_count=waiter_count,
        needs=needs,
        cost_ms=cost_ms,
    )


async def locks_of(db: Database, database: str) -> tuple[list[LockNode], int]:
    """Return the roots of waiting sessions and how many wait; of one database when it is named."""
    rows = await db.fetch(TreeLockRow, "lock_tree")
    if not rows:
        return [], 0
    pids = sorted({row.pid for row in rows if row.pid is not None})
    backends = await db.fetch(BackendRow, "lock_backends", pids=pids)
    prepared = await db.fetch(PreparedRow, "prepared_transactions", database="") if has_prepared(rows) else []
    roots, _, count = build_tree(rows, backends, prepared, 0)
    shown = [root for root in roots if concerns(root, database)] if database else roots
    return shown, count


def has_prepared(rows: Iterable[TreeLockRow]) -> bool:
    """Say whether a prepared transaction takes part."""
    return any(row.pid is None for row in rows)


def concerns(node: LockNode, database: str) -> bool:
    """Say whether any session of a tree is in this database."""
    return node.database == database or any(concerns(child, database) for child in node.children)


async def name_relations(ctx: Context[PluginState], rows: list[TreeLockRow]) -> None:
    """Replace `database/oid` by the relation's name, asked in its own database; what cannot be asked stays."""
    elsewhere = [row for row in rows if ELSEWHERE.fullmatch(row.relation or "")]
    names = await name_elsewhere(ctx, ((row.database, row.relation_oid) for row in elsewhere))
    for row in elsewhere:
        row.relation = names.get((row.database or "", row.relation_oid or 0), row.relation)


async def list_locks(ctx: Context[PluginState], params: LocksListParams) -> list[Lock]:
    """Return locks, those that wait first, then by age; at most `LOCK_LIMIT`."""
    async with open_database(ctx, params.database) as db:
        rows = await db.fetch(
            LockRow, "locks", database=db.target.database, only_blocked=params.only_blocked, limit=LOCK_LIMIT
        )
    if len(rows) == LOCK_LIMIT:
        ctx.log.warning("only the first locks are listed", extra={"limit": LOCK_LIMIT})
    return [render_lock(row, is_blocker(row, rows)) for row in rows]


def is_blocker(row: LockRow, rows: Iterable[LockRow]) -> bool:
    """Say whether the holder of a lock blocks others and waits for nobody."""
    if row.prepared_gid is None:
        return bool(row.is_root)
    return any(0 in (one.blocked_by or ()) for one in rows)


def render_lock(row: LockRow, is_root: bool) -> Lock:
    """Return a lock as the plugin shows it."""
    return Lock(
        pid=row.pid or 0,
        database=row.database,
        user=row.user,
        state=row.state,
        lock_type=row.lock_type,
        mode=row.mode,
        granted=row.granted,
        relation=row.relation,
        page=row.page,
        tuple_number=row.tuple_number,
        blocked_by=tuple(dict.fromkeys(pid for pid in row.blocked_by or () if pid > 0)),
        wait_event=row.wait_event,
        query=row.query,
        age_ms=max(0, row.age_ms or 0),
        wait_ms=row.wait_ms if row.wait_ms is None else max(0, row.wait_ms),
        prepared_gid=row.prepared_gid,
        is_root=is_root,
    )


async def list_prepared(ctx: Context[PluginState], database: str) -> PreparedTransactions:
    """Return the prepared transactions, the oldest first."""
    async with open_database(ctx, database) as db:
        items = await read_prepared(db)
        return PreparedTransactions(items=items, cost_ms=db.cost_ms)


async def read_prepared(db: Database) -> list[PreparedRow]:
    """Return the prepared transactions that this item may see."""
    return await db.fetch(PreparedRow, "prepared_transactions", database=db.target.database)
