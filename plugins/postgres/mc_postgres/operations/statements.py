"""`slow-queries`, their installation, snapshots and what happened between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.statements.rows import (
        InstallResult,
        ResetResult,
        SlowQueries,
        SnapshotInfo,
        Snapshots,
        StatementsDiff,
    )

LIMIT = 100
LIMIT_MAX = 500
TEXT_MAX = 100_000
Sort = Literal["total", "mean", "calls", "io", "temp", "wal", "rows"]
TextMax = Annotated[int, msgspec.Meta(ge=20, le=TEXT_MAX)]


class SlowQueriesParams(Struct, forbid_unknown_fields=True):
    """`search` matches a part of the text or a query id; a limit outside 1 to 500 becomes 100."""

    database: str = ""
    limit: int = LIMIT
    sort: Sort = "total"
    search: str = ""
    user: str = ""
    exclude_self: bool = True
    query_text_max: TextMax = 2000

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LIMIT_MAX:
            self.limit = LIMIT


class InstallParams(Struct, forbid_unknown_fields=True):
    """`limit` is accepted for old callers and ignored."""

    database: str = ""
    limit: int = 0


class StatementsParams(Struct, forbid_unknown_fields=True):
    """`database` is ignored when the item is itself a database."""

    database: str = ""


class StatementsDiffParams(Struct, forbid_unknown_fields=True):
    """Without `from`, the snapshot nearest to `sinceSeconds` before the end; without `to`, until now."""

    database: str = ""
    from_: str = msgspec.field(name="from", default="")
    to: str = ""
    since_seconds: Annotated[int, msgspec.Meta(ge=1, le=31 * 86400)] = 900
    sort: Sort = "total"
    limit: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)] = LIMIT
    search: str = ""
    user: str = ""
    exclude_self: bool = True
    query_text_max: TextMax = 2000


@operation("slow-queries", http=())
async def slow_queries(ctx: Context[PluginState], params: SlowQueriesParams) -> SlowQueries:
    """List the most expensive statements since the last reset."""
    from mc_postgres.statements.reading import list_slow_queries

    return await list_slow_queries(ctx, params)


@operation("slow-queries-install", destructive=True, http=())
async def slow_queries_install(ctx: Context[PluginState], params: InstallParams) -> InstallResult:
    """Install pg_stat_statements in a database."""
    from mc_postgres.statements.installing import install_statements

    return await install_statements(ctx, params.database)


@operation("statements-snapshots", http=())
async def statements_snapshots(ctx: Context[PluginState], params: StatementsParams) -> Snapshots:
    """List the snapshots of statement counters that are kept."""
    from mc_postgres.database import open_database
    from mc_postgres.statements.snapshots import list_snapshots

    async with open_database(ctx, params.database) as db:
        return await list_snapshots(ctx, db)


@operation("statements-snapshot", http=())
async def statements_snapshot(ctx: Context[PluginState], params: StatementsParams) -> SnapshotInfo:
    """Take a snapshot of statement counters now."""
    from mc_postgres.statements.snapshots import take_snapshot

    return await take_snapshot(ctx, params.database)


@operation("statements-diff", http=())
async def statements_diff(ctx: Context[PluginState], params: StatementsDiffParams) -> StatementsDiff:
    """Show what was executed between two snapshots, or since one."""
    from mc_postgres.statements.diff import diff_statements

    return await diff_statements(ctx, params)


@operation("statements-reset", destructive=True, http=())
async def statements_reset(ctx: Context[PluginState], params: StatementsParams) -> ResetResult:
    """Forget the statement counters of a database, for everybody."""
    from mc_postgres.statements.installing import reset_statements

    return await reset_statements(ctx, params.database)
