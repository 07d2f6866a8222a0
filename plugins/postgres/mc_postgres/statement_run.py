"""One console statement on its way: sent, its rows passed on while they come, stopped early, its errors placed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import msgspec

from mc_postgres.errors import QUERY_CANCELED, cancelled_error, sql_error, timeout_error
from mc_postgres.functions import FoundFunction, check_calls, has_effects, list_names
from mc_postgres.readmode import READING
from mc_postgres.state import RunningQuery
from mc_postgres.transactions import MARK, SAVEPOINT, Mode
from mc_sdk import InvalidParams, OperationError
from mc_sql.errors import SqlFailed, SqlFault, StatementPlace, place_error
from mc_sql.queries import load_query
from mc_sql.results import CellCap, Column, Notice, Row

if TYPE_CHECKING:
    from mc_postgres.driver import Backend
    from mc_postgres.parts import Part

T = TypeVar("T")

WATCHDOG_SPARE_S = 0.3
"""The server's own limit comes first; ours ends a wait that the server's should have ended."""
TIMER_SPARE_MS = 50
NO_LIMIT_MS = 0
CHANGING_TAGS = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "MOVE"})
"""Command tags whose count is one of changed rows, whether or not rows are returned as well."""


@dataclass(frozen=True)
class SetStarted:
    """A statement began to answer; `columns` is None when it returns no rows."""

    index: int
    statement: str
    columns: list[Column] | None


@dataclass
class SetRows:
    """Rows of the current statement; a consumer that is full says so by `stop()`, and its set counts as truncated."""

    rows: list[Row]
    is_stopped: bool = False

    def stop(self, kept_count: int) -> None:
        """Take no more rows of this statement; only the first `kept_count` of these were kept."""
        del self.rows[kept_count:]
        self.is_stopped = True


@dataclass(frozen=True)
class SetEnded:
    """A statement ended well."""

    index: int
    row_count: int
    rows_affected: int | None
    truncated: bool
    truncated_cells: int
    duration_ms: int
    command: str
    notices: list[Notice]


Event = SetStarted | SetRows | SetEnded


@dataclass
class _Progress:
    """What one statement has delivered so far."""

    kept: int = 0
    is_truncated: bool = False
    command: str = ""
    rows_affected: int | None = None
    cap: CellCap = field(default_factory=CellCap)


class StatementRun:
    """One statement of a batch on its way."""

    def __init__(
        self, backend: Backend, place: StatementPlace, mode: Mode, limit_ms: int, running: RunningQuery
    ) -> None:
        self._backend, self._place, self._mode = backend, place, mode
        self._limit_ms, self._running = limit_ms, running
        self._stops_early = False
        self._started = time.monotonic()

    async def prepare(self) -> None:
        """Check what it calls, and whether it may be stopped before its end. Raises: InvalidParams."""
        if self._mode is Mode.AUTOCOMMIT:
            return
        if self._place.index:
            await self._renew()
        statement = self._place.statement
        names = list_names(statement)
        found = await self._find_functions({use.name for use in names})
        if self._mode is Mode.READ:
            try:
                check_calls(statement, names, found)
            except OperationError as exc:
                place_error(exc, self._place)
                raise
        is_query = statement.words(1)[0] in READING and not any(token.is_word("for") for token in statement.tokens)
        is_pure = self._mode is Mode.READ or (statement.words(1)[0] != "with" and not has_effects(names, found))
        self._stops_early = is_query and is_pure

    async def _renew(self) -> None:
        """Move the savepoint behind the previous statement and set the time limit again (it may have changed it)."""
        again = (
            f"RELEASE {MARK} SAVEPOINT {SAVEPOINT}; SAVEPOINT {MARK} {SAVEPOINT}; "
            f"SET {MARK} LOCAL statement_timeout = {self._limit_ms}"
        )
        await self._command(again)

    async def _find_functions(self, names: set[str]) -> list[FoundFunction]:
        """Return what the catalogue knows of these names, by the search path of this moment."""
        rows = await self._guard(self._backend.fetch(load_query("mc_postgres", "functions"), [sorted(names)]))
        return [msgspec.convert(row, FoundFunction) for row in rows]

    async def events(self, row_limit: int) -> AsyncGenerator[Event, None]:
        """Yield what the statement delivers. Raises: OperationError."""
        self._check_before()
        self._started = time.monotonic()
        progress = _Progress()
        await self._send()
        is_first = True
        renderer = None
        while (part := await self._receive()) is not None:
            columns = part.columns() if part.has_rows else None
            if is_first and columns is not None:
                renderer = self._backend.open_renderer(columns, progress.cap)
            if is_first:
                shown = None if renderer is None else renderer.columns
                yield SetStarted(self._place.index, self._place.statement.text, shown)
                is_first = False
            if renderer is not None and not progress.is_truncated:
                rows = renderer.rows(part, row_limit - progress.kept)
                progress.is_truncated = len(rows) < part.row_count
                if rows:
                    event = SetRows(rows)
                    yield event
                    progress.kept += len(event.rows)
                    progress.is_truncated = progress.is_truncated or event.is_stopped
            if progress.is_truncated and self._stops_early and not part.is_last:
                await self._stop()
                progress.command = f"SELECT {progress.kept}"
                break
            await self._finish_part(part, progress)
        self._check_after()
        yield self._ended(progress)

    async def _finish_part(self, part: Part, progress: _Progress) -> None:
        if part.is_copy_in:
            await self._backend.refuse_copy("COPY FROM STDIN is not supported here")
            raise place_error(
                InvalidParams("COPY FROM STDIN is not supported: there is no data to send", reason="copy_data"),
                self._place,
            )
        if part.is_copy_out:
            part = await self._guard(self._backend.drain_copy())
        if part.command:  # with the last rows, or with the empty part after them
            progress.command = part.command
            changed = not part.has_rows or part.command.partition(" ")[0] in CHANGING_TAGS
            progress.rows_affected = part.rows_affected if changed else None

    def _check_before(self) -> None:
        if self._running.is_cancelled:
            raise cancelled_error(SqlFault("", sqlstate=QUERY_CANCELED), self._place)
        if not self._backend.reads_as_we_do():
            raise place_error(
                InvalidParams(
                    "the server reads strings in another way than standard_conforming_strings = on and UTF8",
                    reason="session_settings",
                ),
                self._place,
            )

    def _check_after(self) -> None:
        if self._mode is Mode.AUTOCOMMIT or self._backend.is_in_transaction:
            return
        raise place_error(InvalidParams("the statement ended the transaction", reason="transaction_ended"), self._place)

    def _ended(self, progress: _Progress) -> SetEnded:
        return SetEnded(
            index=self._place.index,
            row_count=progress.kept,
            rows_affected=progress.rows_affected,
            truncated=progress.is_truncated,
            truncated_cells=progress.cap.cut_count,
            duration_ms=self._elapsed_ms(),
            command=progress.command,
            notices=self._backend.notices,
        )

    def _elapsed_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)

    async def _send(self) -> None:
        await self._guard(self._backend.send(self._place.statement.text))

    async def _receive(self) -> Part | None:
        """Return the next answer; the watchdog ends a wait that the server's own limit should have ended."""
        limit_s = None
        if self._limit_ms != NO_LIMIT_MS:
            limit_s = max(0.0, self._started + self._limit_ms / 1000 + WATCHDOG_SPARE_S - time.monotonic())
        try:
            async with asyncio.timeout(limit_s):
                return await self._guard(self._backend.receive())
        except TimeoutError as exc:
            self._backend.is_tainted = True
            raise timeout_error(SqlFault("", sqlstate=QUERY_CANCELED), self._place, self._limit_ms) from exc

    async def _stop(self) -> None:
        """End the statement before its end and undo the failure that this is to the transaction."""
        try:
            await self._backend.cancel()
            await self._backend.drain()
        except SqlFailed as exc:
            raise sql_error(exc.fault, self._place) from exc
        await self._command(f"ROLLBACK {MARK} TO SAVEPOINT {SAVEPOINT}")

    async def _command(self, text: str) -> None:
        await self._guard(self._backend.command(text))

    async def _guard(self, waiting: Awaitable[T]) -> T:
        try:
            return await waiting
        except SqlFailed as exc:
            raise self._failed(exc.fault) from exc

    def _failed(self, fault: SqlFault) -> OperationError:
        if fault.sqlstate != QUERY_CANCELED:
            return sql_error(fault, self._place)
        if self._running.is_cancelled:
            return cancelled_error(fault, self._place)
        if self._limit_ms != NO_LIMIT_MS and self._elapsed_ms() >= self._limit_ms - TIMER_SPARE_MS:
            return timeout_error(fault, self._place, self._limit_ms)
        return sql_error(fault, self._place)
