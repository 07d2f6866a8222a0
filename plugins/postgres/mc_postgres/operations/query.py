"""`query`, `query-stream` and `query-cancel`: the console."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Literal

import msgspec

from mc_postgres.collecting import Collector, QueryResult
from mc_postgres.console import Batch, run_batch
from mc_postgres.settings import ROW_LIMIT_MAX, STATEMENT_TIMEOUT_MAX_MS, PostgresSettings
from mc_postgres.state import PluginState, QueryKey
from mc_postgres.statement_run import SetEnded, SetRows, SetStarted
from mc_postgres.targets import resolve_target
from mc_sdk import JSON, Context, NotFound, OperationError, Struct, operation
from mc_sql.results import encode_line, encode_rows

STREAM_ROW_LIMIT_MAX = 1_000_000
STREAM_TIMEOUT_MAX_MS = 15 * 60 * 1000
QueryId = Annotated[str, msgspec.Meta(max_length=200)]
Mode = Literal["read", "write"]


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


@operation("query", destructive=True, http=())
async def query(ctx: Context[PluginState], params: QueryParams) -> QueryResult:
    """Run SQL and return its rows: reading only, unless mode is write."""
    started = time.monotonic()
    batch = make_batch(ctx, params, is_stream=False)
    collector = Collector(as_arrays=params.values_as_arrays)
    error: dict[str, JSON] | None = None
    with ctx.state.register(query_key(ctx, params.query_id)) as running:
        target = await resolve_target(ctx, params.database)
        try:
            await collector.collect(ctx, target, batch, running)
        except OperationError as exc:
            if not params.errors_as_result or "statementIndex" not in exc.facts:
                raise
            error = {"message": exc.message, **exc.facts}
    return collector.result(
        statement=params.statement.strip(),
        database=target.database,
        is_fallback=target.is_fallback,
        mode=mode_name(batch),
        duration_ms=elapsed_ms(started),
        error=error,
    )


@operation("query-stream", destructive=True, http=("POST",))
async def query_stream(ctx: Context[PluginState], params: QueryStreamParams) -> AsyncIterator[bytes]:
    """Run SQL and stream its rows as lines of JSON: a head per statement, rows as arrays, a trailer."""
    started = time.monotonic()
    batch = make_batch(ctx, params, is_stream=True)
    with ctx.state.register(query_key(ctx, params.query_id)) as running:
        target = await resolve_target(ctx, params.database)
        async with aclosing(run_batch(ctx, target, batch, running)) as events:
            async for event in events:
                yield encode_event(event)
    done = {"type": "done", "durationMs": elapsed_ms(started), "mode": mode_name(batch), "database": target.database}
    yield encode_line(done | ({"isFallback": True} if target.is_fallback else {}))


@operation("query-cancel", destructive=True, http=())
async def query_cancel(ctx: Context[PluginState], params: QueryCancelParams) -> QueryCancelResult:
    """Stop a running query of one's own by the id that it was started with."""
    running = ctx.state.running.get(query_key(ctx, params.query_id))
    if running is None:
        raise NotFound(f"no query with id {params.query_id!r} is running")
    await running.cancel()
    return QueryCancelResult(query_id=params.query_id, cancelled=True)


def query_key(ctx: Context[PluginState], query_id: str) -> QueryKey:
    """Return the key under which only this user, on this item, finds the query."""
    return ctx.caller.user_id, ctx.item_id, query_id


def make_batch(ctx: Context[PluginState], params: QueryParams | QueryStreamParams, *, is_stream: bool) -> Batch:
    """Return what is to be run, completed from the settings."""
    settings: PostgresSettings = ctx.settings
    default_mode = "write" if settings.write_by_default and "write" in ctx.roles else "read"
    return Batch(
        text=params.statement,
        row_limit=params.row_limit or settings.row_limit,
        statement_timeout_ms=params.statement_timeout_ms or settings.statement_timeout_ms,
        is_write=(params.mode or default_mode) == "write",
        is_stream=is_stream,
    )


def mode_name(batch: Batch) -> str:
    """Return the mode as callers spell it."""
    return "write" if batch.is_write else "read"


def elapsed_ms(started: float) -> int:
    """Return the milliseconds since monotonic second `started`."""
    return int((time.monotonic() - started) * 1000)


def encode_event(event: SetStarted | SetRows | SetEnded) -> bytes:
    """Return an event as the lines of the stream."""
    if isinstance(event, SetRows):
        return encode_rows(event.rows)
    if isinstance(event, SetStarted):
        head = {"type": "set", "index": event.index, "statement": event.statement, "columns": event.columns}
        return encode_line(head)
    trailer: dict[str, JSON] = {"type": "end", "index": event.index, "rowCount": event.row_count}
    if event.rows_affected is not None:
        trailer["rowsAffected"] = event.rows_affected
    trailer |= {"truncated": event.truncated, "truncatedCells": event.truncated_cells}
    trailer |= {"durationMs": event.duration_ms, "command": event.command, "notices": event.notices}
    return encode_line(trailer)
