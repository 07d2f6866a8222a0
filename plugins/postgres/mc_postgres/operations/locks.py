"""`locks-list`, `lock-tree` and `prepared-transactions`: who waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.locks.rows import Lock, LockTree, PreparedTransactions


class LocksListParams(Struct, forbid_unknown_fields=True):
    """`onlyBlocked` keeps what waits and what it waits for."""

    database: str = ""
    only_blocked: bool = False


class LockTreeParams(Struct, forbid_unknown_fields=True):
    """`minWaitMs` leaves out short waits."""

    database: str = ""
    min_wait_ms: Annotated[int, msgspec.Meta(ge=0)] = 0


class PreparedParams(Struct, forbid_unknown_fields=True):
    """`database` is ignored when the item is itself a database."""

    database: str = ""


@operation("locks-list", http=())
async def locks_list(ctx: Context[PluginState], params: LocksListParams) -> list[Lock]:
    """List locks with their holders and waiters."""
    from mc_postgres.locks.reading import list_locks

    return await list_locks(ctx, params)


@operation("lock-tree", http=())
async def lock_tree(ctx: Context[PluginState], params: LockTreeParams) -> LockTree:
    """Show who waits for whom as a tree, the cause on top."""
    from mc_postgres.locks.reading import read_lock_tree

    return await read_lock_tree(ctx, params)


@operation("prepared-transactions", http=())
async def prepared_transactions(ctx: Context[PluginState], params: PreparedParams) -> PreparedTransactions:
    """List prepared transactions that nobody has ended."""
    from mc_postgres.locks.reading import list_prepared

    return await list_prepared(ctx, params.database)
