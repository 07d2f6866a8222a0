"""`overview`: what is wrong right now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.overview.rows import Overview


class OverviewParams(Struct, forbid_unknown_fields=True):
    """`database` is ignored when the item is itself a database."""

    database: str = ""
    ignore: tuple[str, ...] = ()
    """Kinds (`bloat`) or ids of findings (`bloat:public.log`) that are known and neither told nor counted."""


@operation("overview", http=(), exit_field="exit")
async def overview(ctx: Context[PluginState], params: OverviewParams) -> Overview:
    """Tell what is wrong right now, the worst first, with evidence and where to look."""
    from mc_postgres.overview.reading import read_overview

    return await read_overview(ctx, params.database, params.ignore)
