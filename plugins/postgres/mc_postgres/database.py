"""A database under introspection: named queries, rows as structs, parts that may fail without failing the rest."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from mc_postgres.errors import CONNECTION_LOST, sql_error
from mc_postgres.roles import RoleRow, RoleView, view_role
from mc_postgres.state import PluginState
from mc_postgres.targets import Target, resolve_target
from mc_postgres.transactions import MARK, Mode, TransactionPlan, open_transaction
from mc_sdk import Context, OperationError, Struct
from mc_sql.errors import SqlFailed, one_line
from mc_sql.queries import load_query

if TYPE_CHECKING:
    from mc_postgres.driver import Backend

TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 1_000
"""Looking at a server must never queue behind its locks."""

SILENCE_SPARE_S = 5.0

S = TypeVar("S", bound=Struct)


@dataclass
class Database:
    """One call's view of a database, inside a read-only transaction."""

    backend: Backend
    target: Target
    silence_s: float = TIMEOUT_MS / 1000 + SILENCE_SPARE_S
    """How long one query may take before the line counts as lost: longer than the server's own limit."""
    started: float = field(default_factory=time.monotonic)
    _role: RoleView | None = None

    @property
    def cost_ms(self) -> float:
        """Milliseconds since the transaction began, which is what the server spent on this call."""
        return round((time.monotonic() - self.started) * 1000, 1)

    @property
    def version_num(self) -> int:
        """The server's version, e.g. 160004."""
        return self.backend.version_num

    async def role(self) -> RoleView:
        """Return who we are on this server and what that role may see; asked once per call."""
        if self._role is None:
            [row] = await self.fetch(RoleRow, "role")
            self._role = view_role(row, self.version_num)
        return self._role

    async def fetch(
        self, kind: type[S], query: str, names: Mapping[str, str] | None = None, **params: object
    ) -> list[S]:
        """Return the rows of `queries/<query>.sql` as structs. Raises: OperationError.

        `names` are put in place of `{key}` in the text, quoted as identifiers.
        """
        text = load_query("mc_postgres", query)
        for key, name in (names or {}).items():
            text = text.replace("{" + key + "}", quote_name(name))
        try:
            with self.backend.cut_after(self.silence_s):
                rows = await self.backend.fetch(text, params)
        except SqlFailed as exc:
            raise sql_error(exc.fault) from exc
        return [kind(**row) for row in rows]

    async def fetch_one(
        self, kind: type[S], query: str, names: Mapping[str, str] | None = None, **params: object
    ) -> S | None:
        """Return the first row of a query, None when there is none. Raises: OperationError."""
        rows = await self.fetch(kind, query, names, **params)
        return rows[0] if rows else None

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Run a part whose failure leaves the transaction usable."""
        await self._command(f"SAVEPOINT {MARK} part")
        try:
            yield
        except OperationError as exc:
            if exc.facts.get("reason") != CONNECTION_LOST:
                await self._command(f"ROLLBACK {MARK} TO SAVEPOINT part")
            raise
        await self._command(f"RELEASE {MARK} SAVEPOINT part")

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

    async def fetch_known(self, unknown: dict[str, str], what: str, kind: type[S], query: str) -> list[S]:
        """Return the rows of a query; when it fails, none, and the reason under `what` in `unknown`."""
        try:
            async with self.savepoint():
                return await self.fetch(kind, query)
        except OperationError as exc:
            if exc.facts.get("reason") == CONNECTION_LOST:
                raise
            unknown[what] = one_line(exc.message)
            return []

    async def _command(self, text: str) -> None:
        try:
            await self.backend.command(text)
        except SqlFailed as exc:
            raise sql_error(exc.fault) from exc


def quote_name(name: str) -> str:
    """Return an identifier as SQL spells it; percent signs are doubled for the driver."""
    escaped = name.replace('"', '""').replace("%", "%%")
    return f'"{escaped}"'


@asynccontextmanager
async def open_database(
    ctx: Context[PluginState],
    database: str = "",
    *,
    timeout_ms: int = TIMEOUT_MS,
    lock_timeout_ms: int = LOCK_TIMEOUT_MS,
) -> AsyncIterator[Database]:
    """Yield the database that a call is about. Raises: what resolving and connecting raise."""
    target = await resolve_target(ctx, database)
    plan = TransactionPlan(Mode.INTROSPECT, statement_timeout_ms=timeout_ms, lock_timeout_ms=lock_timeout_ms)
    async with open_transaction(ctx, target, plan) as backend:
        own = ctx.state.own_commits
        own[target.params] = own.get(target.params, 0) + 1
        yield Database(backend, target, timeout_ms / 1000 + SILENCE_SPARE_S)
