"""`stats` and `databases-list`: the server at a glance."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from mc_postgres.rates import Rates
from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.database import Database


class StatsParams(Struct, forbid_unknown_fields=True):
    """`database` is ignored when the item is itself a database."""

    database: str = ""


class NoParams(Struct, forbid_unknown_fields=True):
    """An operation that takes none."""


class InstanceRow(Struct):
    """A row of `instance.sql`."""

    server_name: str | None
    tcp_port: int | None
    configured_port: int
    database_name: str
    product_version: str
    server_version_num: int
    max_connections: int
    started_at: datetime
    uptime_seconds: int
    in_recovery: bool
    user: str
    timezone: str
    data_checksums: bool
    pending_restart: int


class Instance(Struct, omit_defaults=True, kw_only=True):
    """The server; `serverName` is absent on a local socket."""

    server_name: str | None = None
    port: int
    database_name: str
    product_version: str
    server_version_num: int
    max_connections: int
    started_at: datetime
    uptime_seconds: int
    in_recovery: bool
    user: str
    timezone: str
    data_checksums: bool
    pending_restart: int
    """Settings that wait for a restart."""


class ConnectionsRow(Struct):
    """A row of `connections.sql`."""

    total: int
    active: int
    idle: int
    waiting: int
    client_total: int
    """Clients alone, without the server's own processes; null states of hidden users included."""
    idle_in_transaction: int
    idle_in_transaction_aborted: int
    waiting_on_lock: int
    reserved: int
    """Connections that only superusers (and those granted so) may take."""


class Source(Struct, omit_defaults=True, kw_only=True):
    """Clients of one user, database, application and address."""

    user: str
    database: str
    application: str
    client_addr: str | None = None
    count: int
    active: int
    idle_in_transaction: int


class Connections(ConnectionsRow):
    """Backends by state; `max` is 0 when unknown."""

    max: int
    used_percent: float
    """Of those that ordinary roles may take."""
    by_source: list[Source]


class DatabaseStats(Struct, omit_defaults=True, kw_only=True):
    """Counters of the current database; `rates` are per second since the sample before."""

    size_bytes: int | None = None
    """As of `sizeAgeMs` ago: the server looks at every file for it."""
    size_age_ms: int = 0
    transactions: int
    rollbacks: int
    deadlocks: int
    temp_bytes: int
    cache_hit_percent: float
    tuples_returned: int
    tuples_fetched: int
    tuples_inserted: int
    tuples_updated: int
    tuples_deleted: int
    conflicts: int
    stats_reset: datetime | None = None
    temp_files: int
    blocks_read: int
    blocks_hit: int
    checksum_failures: int | None = None
    sessions_abandoned: int | None = None
    rates: Rates | None = None


class TargetInfo(Struct, omit_defaults=True):
    """How the item led to this server."""

    bound_database: str = ""
    """Set when the item is a database: nothing outside it is shown."""
    is_fallback: bool = False
    """The plugin's default connection was used for want of one of the item's own."""


class StatsResult(Struct, omit_defaults=True):
    """A part that could not be read is absent and named in `warnings`."""

    captured_at: datetime
    target: TargetInfo
    instance: Instance | None = None
    connections: Connections | None = None
    database: DatabaseStats | None = None
    history: dict[str, list[float | None]] | None = None
    """Columns of equal length: `at` in epoch milliseconds, then one per series."""
    warnings: tuple[str, ...] = ()
    cost_ms: float = 0.0


class DatabaseRow(Struct):
    """A row of `databases.sql`."""

    name: str


@operation("stats", http=())
async def stats(ctx: Context[PluginState], params: StatsParams) -> StatsResult:
    """Show a server's health at a glance: version, uptime, connections, size, cache hits."""
    warnings: list[str] = []
    from mc_postgres.database import open_database

    async with open_database(ctx, params.database) as db:
        target = db.target
        info = TargetInfo(bound_database=target.database if target.is_bound else "", is_fallback=target.is_fallback)
        result = StatsResult(captured_at=datetime.now(UTC), target=info)
        async with db.attempt(warnings, "instance"):
            result.instance = await read_instance(db)
        async with db.attempt(warnings, "connections"):
            limit = result.instance.max_connections if result.instance else 0
            result.connections = await read_connections(db, limit)
        async with db.attempt(warnings, "database stats"):
            result.database = await read_database_stats(ctx, db)
        result.cost_ms = db.cost_ms
        add_history(ctx, db, result)
    result.warnings = tuple(warnings)
    return result


async def read_connections(db: Database, limit: int) -> Connections:
    """Return the clients by state and by where they come from."""
    [row] = await db.fetch(ConnectionsRow, "connections")
    free = max(1, limit - row.reserved)
    return Connections(
        **msgspec.structs.asdict(row),
        max=limit,
        used_percent=round(row.client_total * 100 / free, 1) if limit else 0.0,
        by_source=await db.fetch(Source, "connection_sources"),
    )


async def read_database_stats(ctx: Context[PluginState], db: Database) -> DatabaseStats | None:
    """Return the current database's counters with its size."""
    from mc_postgres.databases import cached_size

    found = await db.fetch_one(DatabaseStats, "database_stats")
    if found is not None:
        found.size_bytes, found.size_age_ms = await cached_size(ctx, db)
    return found


def add_history(ctx: Context[PluginState], db: Database, result: StatsResult) -> None:
    """Remember this sample, and put rates and the last minutes into the result."""
    if result.connections is None or result.database is None:
        return
    from mc_postgres.history import Sample, history_of

    history = history_of(ctx.state, ctx.item_id, db.target)
    own = ctx.state.own_commits.get(db.target.params, 0)
    history.add(Sample.of(time.monotonic(), time.time(), result.connections, result.database, own))
    result.database.rates = history.rates()
    result.history = history.columns()


async def read_instance(db: Database) -> Instance | None:
    """Return what the server says of itself."""
    row = await db.fetch_one(InstanceRow, "instance")
    if row is None:
        return None
    return Instance(
        server_name=row.server_name,
        port=row.tcp_port or row.configured_port,
        database_name=row.database_name,
        product_version=row.product_version,
        server_version_num=row.server_version_num,
        max_connections=row.max_connections,
        started_at=row.started_at,
        uptime_seconds=row.uptime_seconds,
        in_recovery=row.in_recovery,
        user=row.user,
        timezone=row.timezone,
        data_checksums=row.data_checksums,
        pending_restart=row.pending_restart,
    )


@operation("databases-list", http=())
async def databases_list(ctx: Context[PluginState], params: NoParams) -> list[str]:
    """List the databases that can be connected to; a database item lists itself alone."""
    from mc_postgres.database import open_database

    async with open_database(ctx) as db:
        if db.target.is_bound:
            return [db.target.database]
        return [row.name for row in await db.fetch(DatabaseRow, "databases")]
