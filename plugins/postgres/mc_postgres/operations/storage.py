"""`vacuum-stats`, `relations`, `bloat`, `wraparound`, `sequences` and `progress`: what is on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from mc_postgres.operations.stats import NoParams
from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.storage.rows import (
        BloatReport,
        ProgressReport,
        Relations,
        Sequences,
        VacuumStats,
        Wraparound,
    )

LIMIT = 100
LIMIT_MAX = 500
Limit = Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)]


class VacuumStatsParams(Struct, forbid_unknown_fields=True):
    """A limit outside 1 to 500 becomes 100."""

    database: str = ""
    limit: int = LIMIT

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LIMIT_MAX:
            self.limit = LIMIT


class RelationsParams(Struct, forbid_unknown_fields=True):
    """`search` matches any part of `schema.name`; `refresh` measures now."""

    database: str = ""
    search: str = ""
    limit: Limit = LIMIT
    refresh: bool = False


class BloatParams(Struct, forbid_unknown_fields=True):
    """`exact` names one table or index (`schema.name`) to be counted instead of estimated."""

    database: str = ""
    limit: Limit = 50
    min_bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    exact: str = ""
    refresh: bool = False


class WraparoundParams(Struct, forbid_unknown_fields=True):
    """`database` is ignored when the item is itself a database."""

    database: str = ""


class SequencesParams(Struct, forbid_unknown_fields=True):
    """`minPct` leaves out those that are less full."""

    database: str = ""
    limit: Limit = LIMIT_MAX
    min_pct: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0
    refresh: bool = False


@operation("vacuum-stats", http=())
async def vacuum_stats(ctx: Context[PluginState], params: VacuumStatsParams) -> list[VacuumStats]:
    """List the tables with most dead rows, and when they are vacuumed."""
    from mc_postgres.storage.vacuum import list_vacuum_stats

    return await list_vacuum_stats(ctx, params)


@operation("relations", http=())
async def relations(ctx: Context[PluginState], params: RelationsParams) -> Relations:
    """List the largest tables with sizes, growth and cache hits."""
    from mc_postgres.storage.relations import read_relations

    return await read_relations(ctx, params)


@operation("bloat", http=())
async def bloat(ctx: Context[PluginState], params: BloatParams) -> BloatReport:
    """Estimate how much of tables and indexes is free or dead."""
    from mc_postgres.storage.bloat import read_bloat

    return await read_bloat(ctx, params)


@operation("wraparound", http=())
async def wraparound(ctx: Context[PluginState], params: WraparoundParams) -> Wraparound:
    """Show how far databases and tables are from wraparound, and who holds the horizon."""
    from mc_postgres.storage.wraparound import read_wraparound

    return await read_wraparound(ctx, params.database)


@operation("sequences", http=())
async def sequences(ctx: Context[PluginState], params: SequencesParams) -> Sequences:
    """List sequences by how much of their range is used."""
    from mc_postgres.storage.wraparound import read_sequences

    return await read_sequences(ctx, params)


@operation("progress", http=())
async def progress(ctx: Context[PluginState], params: NoParams) -> ProgressReport:
    """List vacuums, index builds, copies and the like that are under way."""
    from mc_postgres.storage.progress import read_progress

    return await read_progress(ctx)
