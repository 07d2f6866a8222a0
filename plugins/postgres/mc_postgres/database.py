"""A database under introspection: named queries, rows as structs, parts that may fail without failing the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mc_postgres.errors import CONNECTION_LOST, sql_error
from mc_postgres.state import PluginState
from mc_postgres.targets import Target, resolve_target
from mc_postgres.transactions import Mode, TransactionPlan, open_transaction
from mc_sdk import Context, OperationError, Struct
from mc_sql.errors import SqlFailed, one_line
from mc_sql.queries import load_query

if TYPE_CHECKING:
    from mc_postgres.driver import Backend

TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 1_000
"""Looking at a server must never queue behind its locks."""

S = TypeVar("S", bound=Struct)


@dataclass
class Database:
    """One call's view of a database, inside a read-only transaction."""

    backend: Backend
    target: Target

    @property
    def version_num(self) -> int:
        """The server's version, e.g. 160004."""
        return self.backend.version_num

    async def fetch(self, kind: type[S], query: str, **params: object) -> list[S]:
        """Return the rows of `queries/<query>.sql` as structs. Raises: OperationError."""
        try:
            rows = await self.backend.fetch(load_query("mc_postgres", query), params)
        except SqlFailed as exc:
            raise sql_error(exc.fault) from exc
        return [kind(**row) for row in rows]

    async def fetch_one(self, kind: type[S], query: str, **params: object) -> S | None:
        """Return the only row of a query, None when there is none. Raises: OperationError."""
        rows = await self.fetch(kind, query, **params)
        return rows[0] if rows else None

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Run a part whose failure leaves the transaction usable."""
        await self._command("SAVEPOINT part")
        try:
            yield
        except OperationError as exc:
            if exc.facts.get("reason") != CONNECTION_LOST:
                await self._command("ROLLBACK TO SAVEPOINT part")
            raise
        await self._command("RELEASE SAVEPOINT part")

    @asynccontextmanager
    async def attempt(self, warnings: list[str], what: str) -> AsyncIterator[None]:
        """Run a part whose failure becomes a warning `<what> unavailable: …`; the transaction goes on."""
        try:
            async with self.savepoint():
                yield
        except OperationError as exc:
            if exc.facts.get("reason") == CONNECTION_LOST:
                raise
            warnings.append(f"{what} unavailable: {one_line(exc.message)}")

    async def _command(self, text: str) -> None:
        try:
            await self.backend.command(text)
        except SqlFailed as exc:
            raise sql_error(exc.fault) from exc


@asynccontextmanager
async def open_database(ctx: Context[PluginState], database: str = "") -> AsyncIterator[Database]:
    """Yield the database that a call is about. Raises: what resolving and connecting raise."""
    target = await resolve_target(ctx, database)
    plan = TransactionPlan(Mode.INTROSPECT, statement_timeout_ms=TIMEOUT_MS, lock_timeout_ms=LOCK_TIMEOUT_MS)
    async with open_transaction(ctx, target, plan) as backend:
        yield Database(backend, target)
