"""One call, one transaction: how it begins, what is set in it, and how a connection is left clean behind it.

Everything is set by `SET LOCAL` and undone with the transaction, so that a pooler in transaction mode, where the next
transaction runs on another backend, sees nothing of us.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mc_postgres.errors import sql_error
from mc_postgres.state import PluginState
from mc_postgres.targets import Target
from mc_sdk import Context
from mc_sql.errors import SqlFailed
from mc_sql.pools import MAX_PER_KEY, WAIT_S, Lease

if TYPE_CHECKING:
    from mc_postgres.driver import Backend

SAVEPOINT = "mission_control"
MARK = "/* mission-control */"
"""Stands inside our own statements, so that no list of ours counts them; 18 strips a comment in front."""
CLEAN_UP_TIMEOUT_S = 3.0
POOLED_SILENCE_S, FRESH_SILENCE_S = 3.0, 10.0
"""How long a server may take to begin a transaction; a pooled connection that takes longer is replaced."""
CLIENT_CHECK_MS = 500
CLIENT_CHECK_VERSION = 140_000
IDLE_SPARE_MS = 15_000

# RESET ALL and the rest run inside the transaction: through a pooler, what comes after it runs elsewhere.
CLEAN_UP = (
    f"RESET {MARK} ALL; SELECT {MARK} pg_catalog.pg_advisory_unlock_all(); DISCARD {MARK} PLANS; "
    f"DISCARD {MARK} TEMP; DISCARD {MARK} SEQUENCES; CLOSE {MARK} ALL; UNLISTEN {MARK} *; ROLLBACK {MARK}"
)


class Mode(StrEnum):
    """What a transaction is for."""

    INTROSPECT = "introspect"
    """Our own SQL only; read-only."""
    READ = "read"
    """A user's SQL that may not change anything; read-only, cleaned up and rolled back."""
    WRITE = "write"
    """A user's SQL; committed as a whole, and the connection is not used again."""
    TRIAL = "trial"
    """A user's SQL; may change anything, is always rolled back, and the connection is not used again."""
    AUTOCOMMIT = "autocommit"
    """One statement of a user's that cannot run in a transaction: nothing is set; the connection is not used again."""


@dataclass(frozen=True)
class TransactionPlan:
    """How a transaction begins."""

    mode: Mode
    statement_timeout_ms: int
    lock_timeout_ms: int = 0
    """0: as long as the statement may take."""
    watches_client: bool = True


@asynccontextmanager
async def open_transaction(ctx: Context[PluginState], target: Target, plan: TransactionPlan) -> AsyncIterator[Backend]:
    """Yield a connection inside a transaction that `plan` describes; it ends with the block, whatever happens.

    A pooled connection that turns out to be dead (the server was restarted, the line is silent) is replaced by a fresh
    one.
    """
    for _ in range(MAX_PER_KEY + 1):
        async with AsyncExitStack() as stack:
            remaining_s = ctx.remaining_s()
            wait_s = WAIT_S if remaining_s is None else min(WAIT_S, remaining_s)
            opening = ctx.state.pools.lease(target.params, lambda: ctx.state.connect(target.params), timeout_s=wait_s)
            lease = await stack.enter_async_context(opening)
            try:
                with lease.connection.cut_after(FRESH_SILENCE_S if lease.is_fresh else POOLED_SILENCE_S):
                    await begin(lease.connection, plan)
            except SqlFailed as exc:
                if exc.fault.is_disconnect and not lease.is_fresh:
                    continue
                raise sql_error(exc.fault) from exc
            await stack.enter_async_context(ended(lease, plan.mode))
            yield lease.connection
            return


async def begin(backend: Backend, plan: TransactionPlan) -> None:
    """Begin the transaction, with one trivial query before anything of the user's (no more SET TRANSACTION then)."""
    if plan.mode is Mode.AUTOCOMMIT:
        return
    watches = plan.watches_client and backend.watches_client and backend.version_num >= CLIENT_CHECK_VERSION
    try:
        await backend.command(preamble(replace(plan, watches_client=watches), backend.settings))
    except SqlFailed as exc:
        # Some platforms cannot watch a socket, and refuse the setting.
        if not watches or "client_connection_check_interval" not in exc.fault.message:
            raise
        backend.watches_client = False
        await backend.command(f"ROLLBACK {MARK}")
        await begin(backend, plan)


def preamble(plan: TransactionPlan, settings: tuple[tuple[str, str], ...]) -> str:
    """Return the SQL that begins a transaction: settings, a trivial query, a savepoint to return to."""
    begins = f"BEGIN {MARK} READ {'WRITE' if plan.mode in (Mode.WRITE, Mode.TRIAL) else 'ONLY'}"
    values = {
        "standard_conforming_strings": "on",
        "statement_timeout": str(plan.statement_timeout_ms),
        "lock_timeout": str(plan.lock_timeout_ms),
        "idle_in_transaction_session_timeout": str(plan.statement_timeout_ms + IDLE_SPARE_MS),
        "timezone": "UTC",
        "datestyle": "ISO",
        "intervalstyle": "postgres",
        "bytea_output": "hex",
        "extra_float_digits": "1",
        **dict(settings),
    }
    if plan.watches_client:
        values["client_connection_check_interval"] = str(CLIENT_CHECK_MS)
    calls = ", ".join(f"pg_catalog.set_config({literal(k)}, {literal(v)}, true)" for k, v in values.items())
    last = [f"SAVEPOINT {MARK} {SAVEPOINT}"] if plan.mode in (Mode.READ, Mode.WRITE, Mode.TRIAL) else []
    return "; ".join([begins, f"SELECT {MARK} {calls}", *last])


def literal(text: str) -> str:
    """Return a string literal that means the same whatever standard_conforming_strings is."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{escaped}'"


@asynccontextmanager
async def ended(lease: Lease[Backend], mode: Mode) -> AsyncIterator[None]:
    """End the transaction with the block: commit a write that succeeded, otherwise leave nothing behind."""
    backend = lease.connection
    try:
        yield
        if mode is Mode.WRITE:
            await commit(backend)
    except (asyncio.CancelledError, GeneratorExit):
        backend.is_tainted = True  # psycopg has sent a cancel request on its own
        raise
    finally:
        with backend.cut_after(CLEAN_UP_TIMEOUT_S):  # then the connection is not kept
            await leave(lease, mode)


async def commit(backend: Backend) -> None:
    """Commit. Raises: the operation error for what a deferred check says."""
    try:
        await backend.command(f"COMMIT {MARK}")
    except SqlFailed as exc:
        raise sql_error(exc.fault) from exc


async def leave(lease: Lease[Backend], mode: Mode) -> None:
    """Stop what still runs, clean up, and keep the connection only when it is known to be clean."""
    backend = lease.connection
    try:
        if backend.is_busy:
            await backend.cancel()
            return
        if mode in (Mode.WRITE, Mode.TRIAL, Mode.AUTOCOMMIT) or not backend.is_open:
            return
        if mode is Mode.READ:
            back = f"ROLLBACK {MARK} TO SAVEPOINT {SAVEPOINT}; " if backend.has_failed_transaction else ""
            await backend.command(back + CLEAN_UP)
        else:
            # Nothing was written, and a rollback would count as one in the server's statistics, which we judge.
            await backend.command(f"COMMIT {MARK}")
    except SqlFailed:
        return
    if backend.is_idle and not backend.is_tainted:
        lease.keep()
