"""`stats` and `databases-list`: the server at a glance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

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


class ConnectionsRow(Struct):
    """A row of `connections.sql`."""

    total: int
    active: int
    idle: int
    waiting: int
    client_total: int
    """Clients alone, without the server's own processes; null states of hidden users included."""


class Connections(ConnectionsRow):
    """Backends by state; `max` is 0 when unknown."""

    max: int


class DatabaseStats(Struct):
    """Counters of the current database."""

    size_bytes: int
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
    warnings: tuple[str, ...] = ()


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
            row = await db.fetch_one(ConnectionsRow, "connections")
            if row is not None:
                result.connections = Connections(**msgspec.structs.asdict(row), max=limit)
        async with db.attempt(warnings, "database stats"):
            result.database = await db.fetch_one(DatabaseStats, "database_stats")
    result.warnings = tuple(warnings)
    return result


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
    )


@operation("databases-list", http=())
async def databases_list(ctx: Context[PluginState], params: NoParams) -> list[str]:
    """List the databases that can be connected to; a database item lists itself alone."""
    from mc_postgres.database import open_database

    async with open_database(ctx) as db:
        if db.target.is_bound:
            return [db.target.database]
        return [row.name for row in await db.fetch(DatabaseRow, "databases")]
