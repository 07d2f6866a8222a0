"""`databases`, and the sizes of databases, which are kept for a while: the server looks at every file for them."""

from __future__ import annotations

from datetime import UTC, datetime

from mc_postgres.answers import CachedAnswer
from mc_postgres.database import Database, open_database
from mc_postgres.state import PluginState
from mc_sdk import Context, Struct


class DatabaseRow(Struct):
    """A row of `databases_all.sql`."""

    name: str
    owner: str
    can_connect: bool
    encoding: str
    collation: str
    connection_limit: int
    connections: int
    xid_age: int
    is_template: bool
    allows_connections: bool
    commits: int
    cache_hit_percent: float | None
    tablespace: str | None


class SizeRow(Struct):
    """A row of `database_sizes.sql`; a size is null where it is hidden from this role."""

    name: str
    size_bytes: int | None


class DatabaseSizes(CachedAnswer, kw_only=True):
    """Sizes by database."""

    sizes: dict[str, int | None]


class DatabaseInfo(Struct, omit_defaults=True, kw_only=True):
    """One database; `connectionLimit` is -1 for none, -2 for a database that is being dropped."""

    name: str
    size_bytes: int | None
    owner: str
    can_connect: bool
    encoding: str
    collation: str
    connection_limit: int
    connections: int
    xid_age: int
    is_template: bool
    allows_connections: bool
    commits: int
    cache_hit_percent: float | None = None
    tablespace: str | None = None


class Databases(CachedAnswer, omit_defaults=True, kw_only=True):
    """All databases, templates last; a database item lists itself alone. The age is that of the sizes."""

    databases: list[DatabaseInfo]


async def read_databases(ctx: Context[PluginState], *, refresh: bool) -> Databases:
    """Return the databases that this item may see."""
    async with open_database(ctx) as db:
        bound = db.target.database if db.target.is_bound else ""
        rows = await db.fetch(DatabaseRow, "databases_all", database=bound)
        sizes = await cached_sizes(ctx, db, bound, refresh=refresh)
        return Databases(
            databases=[render(row, sizes.sizes.get(row.name)) for row in rows],
            as_of=sizes.as_of,
            age_ms=sizes.age_ms,
            cost_ms=db.cost_ms,
        )


def render(row: DatabaseRow, size_bytes: int | None) -> DatabaseInfo:
    """Return a database with its size."""
    return DatabaseInfo(
        name=row.name,
        size_bytes=size_bytes,
        owner=row.owner,
        can_connect=row.can_connect,
        encoding=row.encoding,
        collation=row.collation,
        connection_limit=row.connection_limit,
        connections=row.connections,
        xid_age=row.xid_age,
        is_template=row.is_template,
        allows_connections=row.allows_connections,
        commits=row.commits,
        cache_hit_percent=row.cache_hit_percent,
        tablespace=row.tablespace,
    )


async def cached_sizes(
    ctx: Context[PluginState], db: Database, database: str, *, refresh: bool = False
) -> DatabaseSizes:
    """Return the sizes of one database, or of all when none is named, perhaps as of a moment ago."""

    async def make() -> DatabaseSizes:
        rows = await db.fetch(SizeRow, "database_sizes", database=database)
        sizes = {row.name: row.size_bytes for row in rows}
        return DatabaseSizes(sizes=sizes, as_of=datetime.now(UTC), age_ms=0, cost_ms=0.0)

    key = ("database sizes", ctx.item_id, db.target.params, database)
    return await ctx.state.slow_lane.get(DatabaseSizes, key, make, refresh=refresh)


async def cached_size(ctx: Context[PluginState], db: Database, *, refresh: bool = False) -> tuple[int | None, int]:
    """Return the size of the current database, and how old that figure is in milliseconds."""
    name = (await db.role()).database
    found = await cached_sizes(ctx, db, name, refresh=refresh)
    return found.sizes.get(name), found.age_ms
