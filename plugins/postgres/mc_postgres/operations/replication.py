"""`replication` and `wal`: standbys, slots, subscriptions, WAL, checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mc_postgres.operations.stats import NoParams
from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.replicas.rows import ReplicationReport, WalReport


class ReplicationParams(Struct, forbid_unknown_fields=True):
    """Publications and subscriptions are those of `database`."""

    database: str = ""


@operation("replication", http=())
async def replication(ctx: Context[PluginState], params: ReplicationParams) -> ReplicationReport:
    """Show standbys and their lag, slots, publications, subscriptions, and recovery."""
    from mc_postgres.replicas.replication import read_replication

    return await read_replication(ctx, params.database)


@operation("wal", http=())
async def wal(ctx: Context[PluginState], params: NoParams) -> WalReport:
    """Show WAL volume, archiving, checkpoints and I/O."""
    from mc_postgres.replicas.wal import read_wal

    return await read_wal(ctx)
