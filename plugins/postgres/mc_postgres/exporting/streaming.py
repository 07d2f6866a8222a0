"""`query-export`: one reading statement as COPY through the extended protocol, block by block."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

from mc_postgres.console import MAX_TEXT_CHARS
from mc_postgres.errors import QUERY_CANCELED, cancelled_error, sql_error, timeout_error
from mc_postgres.exporting.formats import Format, choose_format
from mc_postgres.lexer import PostgresDialect
from mc_postgres.readmode import check_reading
from mc_postgres.state import PluginState, RunningQuery, query_key
from mc_postgres.statement_run import TIMER_SPARE_MS, StatementRun
from mc_postgres.targets import resolve_target
from mc_postgres.transactions import Mode, TransactionPlan, open_transaction
from mc_sdk import Context, FileStart, InvalidParams, NotFound, NotSupported, OperationError
from mc_sql.errors import SqlFailed, SqlFault, StatementPlace, place_error
from mc_sql.statements import Statement, check_text, split_statements

if TYPE_CHECKING:
    from mc_postgres.driver import Backend
    from mc_postgres.operations.export import ExportParams, TicketResult

TICKET_S = 60.0
MAX_TICKETS = 1000
MIMES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "ndjson": "application/x-ndjson"}


class Ticket(msgspec.Struct):
    """What a download was allowed for: whom, on which item, until which monotonic second."""

    user_id: str
    item_id: str
    params: ExportParams
    until: float


def issue_ticket(ctx: Context[PluginState], params: ExportParams) -> str:
    """Keep the params for one GET within a minute. Raises: InvalidParams for what could not be exported anyway."""
    parse_export(params)
    tickets, now = ctx.state.tickets, time.monotonic()
    for key in [key for key, ticket in tickets.items() if ticket.until < now]:
        del tickets[key]
    while len(tickets) >= MAX_TICKETS:
        del tickets[next(iter(tickets))]
    key = secrets.token_urlsafe(24)
    tickets[key] = Ticket(ctx.caller.user_id, ctx.item_id, params, now + TICKET_S)
    return key


def redeem_ticket(ctx: Context[PluginState], key: str) -> ExportParams:
    """Return what a ticket was issued for, once. Raises: NotFound."""
    ticket = ctx.state.tickets.get(key)
    if ticket is None or (ticket.user_id, ticket.item_id) != (ctx.caller.user_id, ctx.item_id):
        raise NotFound("this download was made already, or nobody asked for it", hint="start it again")
    del ctx.state.tickets[key]
    if ticket.until < time.monotonic():
        raise NotFound("this download was asked for too long ago", hint="start it again")
    return ticket.params


def parse_export(params: ExportParams) -> Statement:
    """Return the only statement, which must be a query. Raises: InvalidParams, NotSupported."""
    if params.format == "parquet":
        raise NotSupported("this build writes no parquet", hint="take csv, json or ndjson")
    if len(params.statement) > MAX_TEXT_CHARS:
        raise InvalidParams(f"the statement is longer than {MAX_TEXT_CHARS} characters", field="statement")
    check_text(params.statement)
    statements = split_statements(params.statement, PostgresDialect())
    if len(statements) != 1:
        message = "export takes one statement" if statements else "statement is required"
        raise InvalidParams(message, field="statement")
    try:
        check_parentheses(statements[0])
        check_reading(statements[0], 0)
    except OperationError as exc:
        raise place_error(exc, StatementPlace(params.statement, statements[0], 0)) from None
    return statements[0]


def check_parentheses(statement: Statement) -> None:
    """Raises: InvalidParams when the statement could leave the parentheses that COPY puts around it."""
    depth = 0
    for token in statement.tokens:
        depth += token.is_symbol("(") - token.is_symbol(")")
        if depth < 0:
            raise InvalidParams('unexpected ")"', reason="read_mode", sqlstate="42601", position=token.start + 1)


async def stream_export(ctx: Context[PluginState], params: ExportParams) -> AsyncGenerator[FileStart | bytes, None]:
    """Yield what the file is, then its blocks. Raises: OperationError before the first block as after it."""
    if params.ticket:
        params = redeem_ticket(ctx, params.ticket)
    statement = parse_export(params)
    yield FileStart(content_type=MIMES[params.format], name=_file_name(params))
    place = StatementPlace(params.statement, statement, 0)
    with ctx.state.register(query_key(ctx, params.query_id)) as running:
        target = await resolve_target(ctx, params.database)
        async with open_transaction(ctx, target, TransactionPlan(Mode.READ, params.statement_timeout_ms)) as backend:
            running.backend = backend
            try:
                run = StatementRun(backend, place, Mode.READ, params.statement_timeout_ms, running)
                await run.prepare()
                export = Export(backend, place, params, running)
                async with aclosing(export.blocks()) as blocks:
                    async for block in blocks:
                        yield block
            finally:
                running.backend = None


class Export:
    """One export on a connection."""

    def __init__(self, backend: Backend, place: StatementPlace, params: ExportParams, running: RunningQuery) -> None:
        self._backend, self._place, self._params, self._running = backend, place, params, running
        self._format: Format = choose_format(params)
        self._rows = 0
        self._size = 0
        self._started = time.monotonic()

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        """Yield the file; a header of CSV counts as no row."""
        if self._running.is_cancelled:
            raise cancelled_error(SqlFault("", sqlstate=QUERY_CANCELED), self._place)
        try:
            await self._backend.send(self._format.copy(self._place.statement.text))
            part = await self._backend.receive()
            if part is None or not part.is_copy_out:
                raise InvalidParams("the statement delivers no rows", field="statement")
            async with aclosing(self._data()) as data:
                async for block in data:
                    yield block
        except SqlFailed as exc:
            raise self._failed(exc.fault) from exc

    async def _data(self) -> AsyncGenerator[bytes, None]:
        yield self._format.opening()
        is_first, cut_by = True, ""
        header = 1 if self._params.format == "csv" and self._params.header else 0
        async with aclosing(self._backend.copy_rows()) as pieces:
            async for rows in pieces:
                allowed = rows[: max(0, self._params.max_rows + header - self._rows)] if self._params.max_rows else rows
                block = self._format.encode(allowed, is_first=is_first) if allowed else b""
                if len(allowed) < len(rows):
                    cut_by = "maxRows"
                self._rows += len(allowed)
                self._size += len(block)
                is_first = is_first and not allowed
                yield block
                if self._params.max_bytes and self._size >= self._params.max_bytes and not cut_by:
                    cut_by = "maxBytes"
                if cut_by:
                    break
        if cut_by:
            await self._stop()
        yield self._format.closing(self._rows - header, cut_by)

    async def _stop(self) -> None:
        """End the COPY before its end; the transaction has failed then, and is rolled back anyway."""
        await self._backend.cancel()
        await self._backend.drain_copy_out()

    def _failed(self, fault: SqlFault) -> OperationError:
        original = self._place.statement
        prefix_chars = self._format.copy(original.text).index(f"\n{original.text}\n") + 1
        place = StatementPlace(
            self._place.text, Statement(original.text, original.start - prefix_chars, original.tokens), 0
        )
        if fault.sqlstate == QUERY_CANCELED:
            if self._running.is_cancelled:
                return cancelled_error(fault, self._place)
            if (time.monotonic() - self._started) * 1000 >= self._params.statement_timeout_ms - TIMER_SPARE_MS:
                return timeout_error(fault, self._place, self._params.statement_timeout_ms)
        return sql_error(fault, place)


def make_ticket(ctx: Context[PluginState], params: ExportParams) -> TicketResult:
    """Return a ticket with what the page needs for its link."""
    from mc_postgres.operations.export import TicketResult

    key = issue_ticket(ctx, params)
    return TicketResult(ticket=key, file_name=_file_name(params), url=f"proxy/query-export?ticket={key}")


def _file_name(params: ExportParams) -> str:
    return params.file_name or f"{params.database or 'results'}.{params.format}"
