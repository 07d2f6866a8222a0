"""A console call from its params to its result or its lines."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from mc_postgres.collecting import Collector, QueryResult
from mc_postgres.console import Batch, run_batch
from mc_postgres.settings import PostgresSettings
from mc_postgres.state import PluginState, query_key
from mc_postgres.statement_run import SetEnded, SetRows, SetStarted
from mc_postgres.targets import resolve_target
from mc_sdk import JSON, Context, OperationError
from mc_sql.results import encode_line, encode_rows

if TYPE_CHECKING:
    from mc_postgres.operations.query import QueryParams, QueryStreamParams


async def run_query(ctx: Context[PluginState], params: QueryParams) -> QueryResult:
    """Return the result of `query`. Raises: OperationError with the statement's place in its facts."""
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


async def stream_query(ctx: Context[PluginState], params: QueryStreamParams) -> AsyncGenerator[bytes, None]:
    """Yield the lines of `query-stream` in blocks. Raises: as run_query."""
    started = time.monotonic()
    batch = make_batch(ctx, params, is_stream=True)
    with ctx.state.register(query_key(ctx, params.query_id)) as running:
        target = await resolve_target(ctx, params.database)
        async with aclosing(run_batch(ctx, target, batch, running)) as events:
            async for event in events:
                yield encode_event(event)
    done = {"type": "done", "durationMs": elapsed_ms(started), "mode": mode_name(batch), "database": target.database}
    yield encode_line(done | ({"isFallback": True} if target.is_fallback else {}))


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
