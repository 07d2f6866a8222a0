"""Names of relations in other databases than the one that is asked: only those databases know them."""

from __future__ import annotations

from collections.abc import Iterable

from mc_postgres.database import open_database
from mc_postgres.state import PluginState
from mc_sdk import Context, OperationError, Struct

MAX_DATABASES = 8


class NameRow(Struct):
    """A row of `relation_names.sql`."""

    oid: int
    name: str


async def name_elsewhere(
    ctx: Context[PluginState], wanted: Iterable[tuple[str | None, int | None]]
) -> dict[tuple[str, int], str]:
    """Return the names of relations by database and oid; what cannot be asked is absent."""
    by_database: dict[str, set[int]] = {}
    for database, oid in wanted:
        if database and oid:
            by_database.setdefault(database, set()).add(oid)
    names: dict[tuple[str, int], str] = {}
    for database in sorted(by_database)[:MAX_DATABASES]:
        try:
            async with open_database(ctx, database) as db:
                found = await db.fetch(NameRow, "relation_names", relations=sorted(by_database[database]))
        except OperationError:
            continue  # this role may not connect there
        names |= {(database, one.oid): one.name for one in found}
    return names
