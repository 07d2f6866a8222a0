"""`schema`: what there is in a database, for completion and for looking around; never waits on a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.schemas.rows import SchemaResult

TABLE_LIMIT = 2000
TABLE_LIMIT_MAX = 20_000


class SchemaParams(Struct, forbid_unknown_fields=True):
    """`search` matches any part of `schema.name`, in any case."""

    database: str = ""
    search: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=TABLE_LIMIT_MAX)] = TABLE_LIMIT
    etag: str = ""
    """That of an earlier answer: when nothing changed since, the answer is short."""
    with_functions: bool = True
    """Also the functions and enums of the user's schemas."""


@operation("schema", http=())
async def schema(ctx: Context[PluginState], params: SchemaParams) -> SchemaResult:
    """List a database's tables and views with columns, indexes and constraints."""
    from mc_postgres.schemas.reading import read_schema

    return await read_schema(ctx, params)
