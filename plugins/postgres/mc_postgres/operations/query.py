"""`query`, `query-stream` and `query-cancel`: the console's declarations; what they do is loaded by the first call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from mc_postgres.settings import ROW_LIMIT_MAX, STATEMENT_TIMEOUT_MAX_MS
from mc_postgres.state import PluginState, query_key
from mc_sdk import Context, NotFound, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.collecting import QueryResult

STREAM_ROW_LIMIT_MAX = 1_000_000
STREAM_TIMEOUT_MAX_MS = 15 * 60 * 1000
QueryId = Annotated[str, msgspec.Meta(max_length=200)]
Mode = Literal["read", "write"]
WRITING = {"mode": ("write",)}


class QueryParams(Struct, forbid_unknown_fields=True):
    """What to run; what is left out follows the plugin's settings."""

    statement: str
    database: str = ""
    row_limit: Annotated[int, msgspec.Meta(ge=0, le=ROW_LIMIT_MAX)] = 0
    """Rows kept of each statement; 0: the setting."""
    mode: Mode | None = None
    query_id: QueryId = ""
    """Chosen by the caller, for `query-cancel`."""
    statement_timeout_ms: Annotated[int, msgspec.Meta(ge=0, le=STATEMENT_TIMEOUT_MAX_MS)] = 0
    """0: the setting."""
    values_as_arrays: bool = False
    """Rows as arrays, so that columns of one name are all kept."""
    errors_as_result: bool = False
    """Answer a statement's error as a result with `error`."""


class QueryStreamParams(Struct, forbid_unknown_fields=True):
    """As of `query`, with room for more rows and more time."""

    statement: str
    database: str = ""
    row_limit: Annotated[int, msgspec.Meta(ge=0, le=STREAM_ROW_LIMIT_MAX)] = 0
    mode: Mode | None = None
    query_id: QueryId = ""
    statement_timeout_ms: Annotated[int, msgspec.Meta(ge=0, le=STREAM_TIMEOUT_MAX_MS)] = 0


class QueryCancelParams(Struct, forbid_unknown_fields=True):
    """The id that the running query was given."""

    query_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class QueryCancelResult(Struct):
    """`cancelled` is true once the server was asked to stop."""

    query_id: str
    cancelled: bool


@operation("query", destructive=True, destructive_when=WRITING, http=())
async def query(ctx: Context[PluginState], params: QueryParams) -> QueryResult:
    """Run SQL and return its rows: reading only, unless mode is write."""
    from mc_postgres.querying import run_query

    return await run_query(ctx, params)


@operation("query-stream", destructive=True, destructive_when=WRITING, http=("POST",))
async def query_stream(ctx: Context[PluginState], params: QueryStreamParams) -> AsyncIterator[bytes]:
    """Run SQL and stream its rows as lines of JSON: a head per statement, rows as arrays, a trailer."""
    from mc_postgres.querying import stream_query

    async with aclosing(stream_query(ctx, params)) as lines:
        async for line in lines:
            yield line


@operation("query-cancel", destructive=True, http=())
async def query_cancel(ctx: Context[PluginState], params: QueryCancelParams) -> QueryCancelResult:
    """Stop a running query of one's own by the id that it was started with."""
    running = ctx.state.running.get(query_key(ctx, params.query_id))
    if running is None:
        raise NotFound(f"no query with id {params.query_id!r} is running")
    await running.cancel()
    return QueryCancelResult(query_id=params.query_id, cancelled=True)
