"""`indexes`: which are missing, broken, twofold or unused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.advice.rows import IndexReport


class IndexesParams(Struct, forbid_unknown_fields=True):
    """`minBytes` leaves out smaller indexes and tables; `refresh` looks now."""

    database: str = ""
    min_bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    refresh: bool = False


@operation("indexes", http=())
async def indexes(ctx: Context[PluginState], params: IndexesParams) -> IndexReport:
    """Advise on indexes: missing, invalid, duplicate, overlapping, unused, bloated."""
    from mc_postgres.advice.reading import read_indexes

    return await read_indexes(ctx, params)
