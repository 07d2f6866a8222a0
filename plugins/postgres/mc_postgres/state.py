"""What the plugin's operations share: the pools, and the queries that run and may be cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import msgspec

from mc_postgres.settings import PostgresSettings, forget_libpq_environment, snapshot_folder
from mc_sdk import Conflict, Context

if TYPE_CHECKING:
    from mc_postgres.driver import Backend
    from mc_postgres.dsn import ConnectParams
    from mc_postgres.exporting.streaming import Ticket
    from mc_postgres.history import Checkpoints, History
    from mc_postgres.processes import Looked
    from mc_postgres.slow_lane import SlowLane
    from mc_postgres.statements.store import SnapshotStore
    from mc_postgres.storage.relations import SizeSample
    from mc_sql.pools import Pools

QueryKey = tuple[str, str, str]
"""User, item and the query id that the caller chose: nobody else can name it."""


def query_key(ctx: Context[PluginState], query_id: str) -> QueryKey:
    """Return the key under which only this user, on this item, finds the query."""
    return ctx.caller.user_id, ctx.item_id, query_id


class RunningQuery(msgspec.Struct):
    """A console call from its start to its end; `backend` is set while it has a connection."""

    is_cancelled: bool = False
    backend: Backend | None = None

    async def cancel(self) -> None:
        """Stop it: now if it runs, before its next statement otherwise."""
        self.is_cancelled = True
        if self.backend is not None:
            self.backend.is_tainted = True
            await self.backend.cancel()


class PluginState(msgspec.Struct):
    """Lives as long as the plugin."""

    pools: Pools[Backend]
    connect: Callable[[ConnectParams], Awaitable[Backend]]
    snapshots: SnapshotStore
    slow_lane: SlowLane
    operation_names: tuple[str, ...] = ()
    """All operations, for telling which of them work."""
    running: dict[QueryKey, RunningQuery] = {}
    tickets: dict[str, Ticket] = {}
    """Downloads that were asked for and not begun."""
    sizes: dict[tuple[str, str], dict[int, SizeSample]] = {}
    """The last measured sizes by item and database, for growth."""
    histories: dict[tuple[str, ConnectParams], History] = {}
    """The last minutes of each item's counters."""
    own_commits: dict[ConnectParams, int] = {}
    """Transactions of our own by server and database: what rates of commits leave out."""
    checkpoints: dict[tuple[str, ConnectParams], Checkpoints] = {}
    """How many checkpoints there were in the last hour."""
    processes: dict[str, dict[int, Looked]] = {}
    """The backends' processes by item, at the last look."""
    wal_positions: dict[str, tuple[float, int]] = {}
    """The last WAL position by item, with its monotonic second."""
    wait_events: dict[int, dict[tuple[str, str], str]] = {}
    """Descriptions of wait events by server version (the servers that have them keep them in a view)."""

    @contextmanager
    def register(self, key: QueryKey) -> Iterator[RunningQuery]:
        """Make a query cancellable under `key` while it runs; an empty query id registers nothing."""
        query = RunningQuery()
        if not key[-1]:
            yield query
            return
        if key in self.running:
            raise Conflict(f"a query with id {key[-1]!r} is running already", field="queryId")
        self.running[key] = query
        try:
            yield query
        finally:
            del self.running[key]


@asynccontextmanager
async def open_state(settings: PostgresSettings, operation_names: tuple[str, ...] = ()) -> AsyncIterator[PluginState]:
    """Yield the plugin's state, opened before the first call."""
    # With psycopg: the first call pays for it, not the start.
    from mc_postgres.connections import BackendDriver, connect
    from mc_postgres.slow_lane import SlowLane
    from mc_postgres.statements.store import SnapshotStore
    from mc_sql.pools import Pools

    forget_libpq_environment()
    pools = Pools(BackendDriver(), max_total=settings.max_connections)
    try:
        snapshots = SnapshotStore(snapshot_folder(settings), settings.snapshot_bytes)
        yield PluginState(pools, connect, snapshots, SlowLane(), operation_names)
    finally:
        await pools.aclose()
