"""Connections by psycopg; imported (with `parts` and `rendering`, which know it too) when the first call comes.

A `Backend` is one connection. User text goes through the extended protocol, one statement at a time, and comes back
in chunks of text-format rows; our own SQL goes through `command` (no result) and `fetch` (rows as tuples).
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import psycopg
from psycopg import generators, pq, waiting

from mc_postgres.faults import fault_of, fault_of_result
from mc_postgres.parts import REPLIES, Part, Reply
from mc_postgres.rendering import RowRenderer
from mc_sql.errors import SqlFailed, SqlFault
from mc_sql.results import CellCap, Notice

if TYPE_CHECKING:
    from psycopg.abc import PQGen

T = TypeVar("T")

CANCEL_TIMEOUT_S = 3.0
CHUNK_ROWS = 32
"""Rows that libpq hands over at once: enough to be fast, few enough that wide rows do not fill the memory."""

COPY_BLOCK_BYTES = 128 * 1024
"""Rows of an export that are handed on together."""

MAX_NOTICES = 100
"""Kept per statement; the rest is dropped."""


class Backend:
    """One connection to a server, used by one call at a time."""

    def __init__(self, connection: psycopg.AsyncConnection[tuple[object, ...]], settings: tuple[tuple[str, str], ...]):
        self._connection = connection
        self._pgconn = connection.pgconn
        self.settings = settings
        """Run-time settings of the connection string, to apply in every transaction."""
        self.version_num = self._pgconn.server_version
        self.pid = self._pgconn.backend_pid
        self.watches_client = True
        """Whether the server can be asked to notice that this end has gone; False once it has refused."""
        self.is_tainted = False
        """Set when a cancel request may still be on its way: it would hit whoever used this connection next."""
        self.notices: list[Notice] = []
        connection.add_notice_handler(self._take_notice)

    @property
    def is_open(self) -> bool:
        """Whether the connection still stands."""
        return self._pgconn.status == pq.ConnStatus.OK

    @property
    def is_idle(self) -> bool:
        """Whether no transaction is open and nothing is being answered."""
        return self.is_open and self._pgconn.transaction_status == pq.TransactionStatus.IDLE

    def open_renderer(self, columns: Sequence[tuple[str, int]], cap: CellCap) -> RowRenderer:
        """Return what renders the rows of a result with these columns."""
        return RowRenderer(columns, cap)

    @property
    def is_busy(self) -> bool:
        """Whether a statement was sent whose answers are not all read."""
        return self.is_open and self._pgconn.transaction_status == pq.TransactionStatus.ACTIVE

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open and healthy."""
        return self._pgconn.transaction_status == pq.TransactionStatus.INTRANS

    @property
    def has_failed_transaction(self) -> bool:
        """Whether a transaction is open that an error ended."""
        return self._pgconn.transaction_status == pq.TransactionStatus.INERROR

    def reads_as_we_do(self) -> bool:
        """Say whether the server takes strings and characters as our lexer does, by what it last reported."""
        strings = self._pgconn.parameter_status(b"standard_conforming_strings")
        encoding = self._pgconn.parameter_status(b"client_encoding")
        return strings == b"on" and encoding == b"UTF8"

    async def command(self, text: str) -> None:
        """Run our own SQL (several statements are fine) and drop its results. Raises: SqlFailed."""
        self._pgconn_ready()
        self._pgconn.send_query(text.encode())
        for result in await self._wait(generators.execute(self._pgconn)):
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise SqlFailed(fault_of_result(result, not self.is_open))

    async def fetch(self, text: str, params: dict[str, object] | Sequence[object] = ()) -> list[dict[str, object]]:
        """Run our own query by the extended protocol; return rows by column name. Raises: SqlFailed."""
        self._pgconn_ready()
        try:
            async with self._connection.cursor() as cursor:
                # Always with parameters, so that the extended protocol is used and one statement is run.
                await cursor.execute(text.encode(), params, prepare=False)
                names = [column.name for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
        except psycopg.Error as exc:
            raise SqlFailed(self._fault(exc)) from exc

    async def send(self, text: str) -> None:
        """Send one statement of a user's; its answers follow by `receive`. Raises: SqlFailed."""
        self._pgconn_ready()
        self.notices = []
        self._pgconn.send_query_params(text.encode(), None)
        self._pgconn.set_chunked_rows_mode(CHUNK_ROWS)
        await self._wait(generators.send(self._pgconn))

    async def receive(self) -> Part | None:
        """Return the next answer to what was sent, None after the last. Raises: SqlFailed for the server's error."""
        result = await self._wait(generators.fetch(self._pgconn))
        if result is None:
            return None
        reply = REPLIES.get(pq.ExecStatus(result.status), Reply.FAILED)
        if reply is Reply.FAILED:
            await self.drain()
            raise SqlFailed(fault_of_result(result, not self.is_open))
        return Part(reply, result)

    @property
    def has_more_at_hand(self) -> bool:
        """Whether the next answer can be had without waiting."""
        return not self._pgconn.is_busy()

    async def drain(self) -> None:
        """Read what is left of the current statement and drop it."""
        while self.is_open and await self._wait(generators.fetch(self._pgconn)) is not None:
            pass

    async def drain_copy(self) -> Part:
        """Read and drop the data of a COPY … TO STDOUT; return its end. Raises: SqlFailed."""
        while True:
            data = await self._wait(generators.copy_from(self._pgconn))
            if not isinstance(data, memoryview):
                return Part(Reply.DONE, data)

    async def copy_rows(self) -> AsyncGenerator[list[memoryview], None]:
        """Yield the rows of a COPY … TO STDOUT as they come, many at a time. Raises: SqlFailed.

        Each row is one piece of the server's, with its line end. Rows are taken from the driver until there is none
        without waiting, so that a large export costs one wait per network read.
        """
        connection = self._pgconn
        count = 1
        while count >= 0:
            rows: list[memoryview] = []
            size, count = 0, 1
            while size < COPY_BLOCK_BYTES:
                count, data = connection.get_copy_data(1)
                if count <= 0:
                    break
                rows.append(data)
                size += count
            if rows:
                yield rows
            elif count == 0:
                await self._wait(_more_input(connection))
        result = await self._wait(generators.fetch(connection))
        if result is not None and result.status == pq.ExecStatus.FATAL_ERROR:
            await self.drain()
            raise SqlFailed(fault_of_result(result, not self.is_open))
        await self.drain()

    async def drain_copy_out(self) -> None:
        """Drop what is left of a COPY … TO STDOUT that was cancelled; its failure is what was asked for."""
        with suppress(SqlFailed):
            while self.is_open and isinstance(await self._wait(generators.copy_from(self._pgconn)), memoryview):
                pass
        await self.drain()

    async def refuse_copy(self, reason: str) -> None:
        """Answer a COPY … FROM STDIN by failing it."""
        try:
            await self._wait(generators.copy_end(self._pgconn, reason.encode()))
        except SqlFailed:
            await self.drain()

    async def cancel(self) -> None:
        """Ask the server to stop what this connection runs; may be called by another task."""
        try:
            await self._connection.cancel_safe(timeout=CANCEL_TIMEOUT_S)
        except psycopg.Error as exc:
            raise SqlFailed(self._fault(exc)) from exc

    def close(self) -> None:
        """Close the connection at once; never raises."""
        self._pgconn.finish()

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        """Cut the line when the block takes longer: what waits for an answer then fails as on any lost connection.

        A line that swallows everything is never reported by the system, and psycopg, cancelled, would first try to
        cancel the query over that same line.
        """
        timer = asyncio.get_running_loop().call_later(seconds, self._cut)
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        if self._pgconn.status == pq.ConnStatus.OK:
            with suppress(OSError), socket.socket(fileno=os.dup(self._pgconn.socket)) as line:
                line.shutdown(socket.SHUT_RDWR)

    def is_usable(self) -> bool:
        """Say whether an idle connection still works: the server has sent nothing since, not even a goodbye."""
        if not self.is_idle:
            return False
        poller = select.poll()  # select() cannot watch descriptors beyond 1023
        poller.register(self._pgconn.socket, select.POLLIN)
        if not poller.poll(0):
            return True
        try:
            self._pgconn.consume_input()
        except psycopg.Error:
            return False
        return self.is_idle

    def _pgconn_ready(self) -> None:
        if not self.is_open:
            raise SqlFailed(SqlFault("the connection is closed", sqlstate="08003", is_disconnect=True))

    async def _wait(self, generator: PQGen[T]) -> T:
        try:
            return await self._connection.wait(generator)
        except psycopg.Error as exc:
            raise SqlFailed(self._fault(exc)) from exc

    def _fault(self, exc: psycopg.Error) -> SqlFault:
        return fault_of(exc, is_disconnect=not self.is_open)

    def _take_notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        if len(self.notices) < MAX_NOTICES:
            self.notices.append(
                Notice(
                    severity=diagnostic.severity or "NOTICE",
                    message=diagnostic.message_primary or "",
                    sqlstate=diagnostic.sqlstate,
                    detail=diagnostic.message_detail,
                    hint=diagnostic.message_hint,
                )
            )


def _more_input(connection: pq.abc.PGconn) -> PQGen[None]:
    """Wait until the server has sent something, and take it."""
    yield waiting.Wait.R
    connection.consume_input()
