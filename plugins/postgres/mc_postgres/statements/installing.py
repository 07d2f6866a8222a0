"""`slow-queries-install` and `statements-reset`: what changes the server, for holders of the role `operate`."""

from __future__ import annotations

from mc_postgres.database import Database, open_database
from mc_postgres.errors import INSUFFICIENT_PRIVILEGE, sql_error
from mc_postgres.guards import check_may_operate
from mc_postgres.roles import RoleView
from mc_postgres.state import PluginState
from mc_postgres.statements.rows import InstallResult, ResetResult
from mc_postgres.statements.state import INSTALL_SQL, LIBRARY, can_read, find_statements, is_loaded
from mc_postgres.targets import resolve_target
from mc_postgres.transactions import Mode, TransactionPlan, open_transaction
from mc_sdk import Context, Forbidden, OperationError, Struct
from mc_sql.errors import SqlFailed

INSTALL_TIMEOUT_MS = 20_000
MINMAX_RESET_VERSION = 170_000


class DoneRow(Struct):
    """A row of `statements_reset.sql`."""

    is_done: bool


class InstalledRow(Struct):
    """A row of `statements_installed.sql`."""

    version: str | None
    preloaded: str | None


async def install_statements(ctx: Context[PluginState], database: str) -> InstallResult:
    """Create the extension if it is absent, and tell whether the server has loaded its library."""
    check_may_operate(ctx, "installing an extension")
    target = await resolve_target(ctx, database)
    async with open_transaction(ctx, target, TransactionPlan(Mode.WRITE, INSTALL_TIMEOUT_MS)) as backend:
        db = Database(backend, target)
        try:
            await backend.command("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        except SqlFailed as exc:
            raise refuse_install(exc, target.database) from exc
        [row] = await db.fetch(InstalledRow, "statements_installed")
    loaded = is_loaded(row.preloaded)
    return InstallResult(
        installed=row.version is not None,
        extension_version=row.version or "",
        shared_preload_configured=loaded is not False,
        shared_preload_libraries=row.preloaded or "",
        warning=f"{LIBRARY} is not in shared_preload_libraries: add it and restart the server"
        if loaded is False
        else "",
    )


def refuse_install(exc: SqlFailed, database: str) -> OperationError:
    """Return the error of a CREATE EXTENSION that failed, with the way out."""
    error = sql_error(exc.fault)
    error.message = f"create extension {LIBRARY}: {error.message}"
    if exc.fault.sqlstate == INSUFFICIENT_PRIVILEGE:
        error.hint = f"ask a superuser (or your provider's admin role) to run in {database or 'it'}: {INSTALL_SQL}"
        error.facts["reason"] = "not_permitted"
    return error


async def reset_statements(ctx: Context[PluginState], database: str) -> ResetResult:
    """Forget the statements of one database. Raises: Forbidden, NotFound (no extension)."""
    check_may_operate(ctx, "resetting statistics")
    async with open_database(ctx, database) as db:
        found = await find_statements(db)
        if not can_read(found):
            raise OperationError(found.warning, reason=found.reason)
        role = await db.role()
        try:
            await db.fetch(DoneRow, "statements_reset", found.names)
        except Forbidden as exc:
            exc.hint = reset_grant(f"{found.state.schema}.pg_stat_statements_reset", role)
            exc.facts["reason"] = "not_permitted"
            raise
    return ResetResult(reset=True)


def reset_grant(function: str, role: RoleView) -> str:
    """Return the GRANT for resetting, whose function has one more argument since 17."""
    arguments = "oid, oid, bigint, boolean" if role.version_num >= MINMAX_RESET_VERSION else "oid, oid, bigint"
    return f"GRANT EXECUTE ON FUNCTION {function}({arguments}) TO {role.quoted};"
