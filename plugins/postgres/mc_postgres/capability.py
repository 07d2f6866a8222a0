"""`capabilities`: what this role may see and do on this server, told before anything is refused."""

from __future__ import annotations

from collections.abc import Iterator

from mc_postgres.database import open_database
from mc_postgres.guards import OPERATE_ROLE
from mc_postgres.roles import RoleView
from mc_postgres.settings import PostgresSettings
from mc_postgres.state import PluginState
from mc_postgres.statements.installing import reset_grant
from mc_postgres.statements.state import INSTALL_SQL, Availability, find_statements
from mc_sdk import Context, Struct

WRITE_ROLE = "write"
SIGNAL_ROLE = "pg_signal_backend"
NEEDS_STATS = (
    "stats",
    "sessions-list",
    "wait-sample",
    "locks-list",
    "lock-tree",
    "progress",
    "wraparound",
    "replication",
)
NEEDS_STATEMENTS = ("slow-queries", "statements-diff", "statements-snapshot", "statements-snapshots")
NEEDS_OPERATE = ("session-cancel", "session-terminate", "slow-queries-install", "statements-reset")


class CapabilityRow(Struct):
    """A row of `capabilities.sql`."""

    server_version: str
    in_recovery: bool
    extensions: dict[str, str]
    installable: list[str]
    hidden_sequences: int


class Capability(Struct, omit_defaults=True, kw_only=True):
    """Whether an operation works: `available`, `degraded` (less than everything) or `unavailable`."""

    state: str
    reason: str = ""
    grant: str = ""


class Capabilities(Struct, omit_defaults=True, kw_only=True):
    """The server, the role, and every operation of this plugin."""

    server_version: str
    server_version_num: int
    role: str
    is_superuser: bool
    in_recovery: bool
    member_of: list[str]
    extensions: dict[str, str]
    available: dict[str, bool]
    plugin_roles: list[str]
    operations: dict[str, Capability]
    cost_ms: float


async def read_capabilities(ctx: Context[PluginState], database: str) -> Capabilities:
    """Return what works here for this role, this caller and this server."""
    async with open_database(ctx, database) as db:
        [row] = await db.fetch(CapabilityRow, "capabilities")
        role = await db.role()
        statements = await find_statements(db)
        settings: PostgresSettings = ctx.settings
        plugin_roles = {WRITE_ROLE, OPERATE_ROLE} if not settings.require_roles else set(ctx.roles)
        limits: dict[str, Capability] = {}
        for name, limit in judge(row, role, statements, plugin_roles, settings.read_only):
            if name not in limits or (limit.state == "unavailable" and limits[name].state != "unavailable"):
                limits[name] = limit
        available = Capability(state="available")
        return Capabilities(
            server_version=row.server_version,
            server_version_num=db.version_num,
            role=role.name,
            is_superuser=role.is_superuser,
            in_recovery=row.in_recovery,
            member_of=sorted(role.member_of),
            extensions=row.extensions,
            available={name: name in row.installable for name in ("pg_stat_statements", "pgstattuple", "hypopg")},
            plugin_roles=sorted(plugin_roles),
            operations={name: limits.get(name, available) for name in ctx.state.operation_names},
            cost_ms=db.cost_ms,
        )


Limit = tuple[str, Capability]


def judge(
    row: CapabilityRow, role: RoleView, statements: Availability, plugin_roles: set[str], is_read_only: bool
) -> Iterator[Limit]:
    """Yield every operation that does not work, or not fully, with the reason."""
    yield from judge_plugin_roles(plugin_roles, is_read_only)
    yield from judge_statements(role, statements, row)
    if not role.sees_all_stats:
        reason = "sessions and statements of other roles are hidden"
        for name in NEEDS_STATS:
            yield name, degraded(reason, role.grant("pg_read_all_stats"))
    if not role.is_superuser and not role.reads_all_data:
        need = role.need_data("")
        for name in ("bloat", "indexes"):
            yield name, degraded("bloat is estimated only for tables that this role may read", need.grant)
        if row.hidden_sequences:
            yield "sequences", degraded(f"the values of {row.hidden_sequences} sequences are hidden", need.grant)
    if not role.has(SIGNAL_ROLE):
        for name in ("session-cancel", "session-terminate"):
            yield name, degraded("only this role's own sessions can be signalled", role.grant(SIGNAL_ROLE))
    if not role.sees_all_settings:
        yield (
            "settings",
            degraded("settings reserved for administrators are hidden", role.grant("pg_read_all_settings")),
        )
    if not role.has("pg_monitor"):
        yield "wal", degraded("the WAL directory can be listed by pg_monitor only", role.grant("pg_monitor"))
        yield "overview", degraded("what this role does not see is not checked", role.grant("pg_monitor"))
    if row.in_recovery:
        yield "slow-queries-install", unavailable("this server is a standby: nothing can be installed on it")


def judge_plugin_roles(plugin_roles: set[str], is_read_only: bool) -> Iterator[Limit]:
    """Yield what the caller lacks a plugin role for."""
    if OPERATE_ROLE not in plugin_roles:
        for name in NEEDS_OPERATE:
            yield name, unavailable("needs the plugin role 'operate'")
    if is_read_only or WRITE_ROLE not in plugin_roles:
        why = "write mode is switched off" if is_read_only else "write mode needs the plugin role 'write'"
        for name in ("query", "query-stream", "explain"):
            yield name, degraded(f"reading only: {why}", "")


def judge_statements(role: RoleView, found: Availability, row: CapabilityRow) -> Iterator[Limit]:
    """Yield what pg_stat_statements does not allow."""
    if found.reason not in ("", "old_version"):
        grant = INSTALL_SQL if found.reason == "not_installed" else ""
        for name in (*NEEDS_STATEMENTS, "statements-reset"):
            yield name, unavailable(found.warning, grant)
    else:
        if found.reason:
            yield "slow-queries", degraded(found.warning, "ALTER EXTENSION pg_stat_statements UPDATE;")
        if not role.sees_all_stats:
            for name in NEEDS_STATEMENTS:
                yield name, degraded("statements of other roles are hidden", role.grant("pg_read_all_stats"))
    if not role.is_superuser:
        yield "slow-queries-install", degraded("needs a superuser or your provider's admin role", INSTALL_SQL)
        schema = found.state.schema or "public"
        function = f"{schema}.pg_stat_statements_reset"
        yield "statements-reset", degraded(f"needs EXECUTE on {function}", reset_grant(function, role))


def degraded(reason: str, grant: str) -> Capability:
    """Return a limit that leaves something to see."""
    return Capability(state="degraded", reason=reason, grant=grant)


def unavailable(reason: str, grant: str = "") -> Capability:
    """Return a limit that leaves nothing."""
    return Capability(state="unavailable", reason=reason, grant=grant)
