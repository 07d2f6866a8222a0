"""Runs a console batch: checked, one transaction, statement by statement, as a stream of events.

`query` collects the events, `query-stream` writes them as lines. Both see rows while the server still sends them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mc_postgres.lexer import PostgresDialect
from mc_postgres.readmode import check_read_statement
from mc_postgres.settings import PostgresSettings
from mc_postgres.state import PluginState, RunningQuery
from mc_postgres.statement_run import NO_LIMIT_MS, Event, StatementRun
from mc_postgres.targets import Target
from mc_postgres.transactions import Mode, TransactionPlan, open_transaction
from mc_postgres.writemode import check_runs_alone, check_write_statement
from mc_sdk import Context, Forbidden, InvalidParams, OperationError
from mc_sql.errors import StatementPlace, place_error
from mc_sql.statements import Statement, check_text, split_statements

if TYPE_CHECKING:
    pass

DEADLINE_SPARE_S = 2.0
"""The server's own error should reach the caller before the caller's patience ends."""
WRITE_ROLE = "write"
MAX_TEXT_CHARS = 1_000_000
"""Reading that much takes half a second of our loop."""


@dataclass(frozen=True)
class Batch:
    """What a caller wants run."""

    text: str
    row_limit: int
    statement_timeout_ms: int
    is_write: bool
    is_stream: bool


def parse_batch(batch: Batch, ctx: Context[PluginState]) -> tuple[list[Statement], Mode]:
    """Return the batch's statements and how to run them. Raises: InvalidParams, Forbidden."""
    if len(batch.text) > MAX_TEXT_CHARS:
        raise InvalidParams(f"the statement is longer than {MAX_TEXT_CHARS} characters", field="statement")
    if batch.is_write:
        check_may_write(ctx)
    check_text(batch.text)
    statements = split_statements(batch.text, PostgresDialect())
    if not statements:
        raise InvalidParams("statement is required", field="statement")
    for index, statement in enumerate(statements):
        try:
            check_write_statement(statement) if batch.is_write else check_read_statement(statement)
        except OperationError as exc:
            place_error(exc, StatementPlace(batch.text, statement, index))
            raise
    if not batch.is_write:
        return statements, Mode.READ
    runs_alone = check_runs_alone(statements, is_stream=batch.is_stream)
    return statements, Mode.AUTOCOMMIT if runs_alone else Mode.WRITE


def check_may_write(ctx: Context[PluginState]) -> None:
    """Raises: Forbidden unless the caller holds the role and nobody has switched writing off."""
    settings: PostgresSettings = ctx.settings
    if settings.read_only:
        raise Forbidden("write mode is switched off for this plugin", reason="read_only")
    if settings.require_roles and WRITE_ROLE not in ctx.roles:
        hint = "ask for the plugin role 'write' on this item"
        raise Forbidden("write mode needs the plugin role 'write'", hint=hint, reason="role_missing", role=WRITE_ROLE)


async def run_batch(
    ctx: Context[PluginState], target: Target, batch: Batch, running: RunningQuery
) -> AsyncGenerator[Event, None]:
    """Yield what the statements deliver. Raises: OperationError with the statement's index and place."""
    statements, mode = parse_batch(batch, ctx)
    limit_ms = NO_LIMIT_MS if mode is Mode.AUTOCOMMIT else limit_of(ctx, batch)
    plan = TransactionPlan(mode, statement_timeout_ms=limit_ms)
    async with open_transaction(ctx, target, plan) as backend:
        running.backend = backend
        try:
            for index, statement in enumerate(statements):
                run = StatementRun(backend, StatementPlace(batch.text, statement, index), mode, limit_ms, running)
                await run.prepare()
                async with aclosing(run.events(batch.row_limit)) as events:
                    async for event in events:
                        yield event
        finally:
            running.backend = None


def limit_of(ctx: Context[PluginState], batch: Batch) -> int:
    """Return how long a statement may take: what was asked for, but not beyond the caller's deadline."""
    remaining_s = ctx.remaining_s()
    if remaining_s is None or batch.is_stream:
        return batch.statement_timeout_ms
    return max(1, min(batch.statement_timeout_ms, int((remaining_s - DEADLINE_SPARE_S) * 1000)))
