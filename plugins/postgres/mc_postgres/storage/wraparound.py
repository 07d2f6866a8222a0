"""`wraparound` and `sequences`: what runs out, how soon, and who holds it up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mc_postgres.database import Database, open_database
from mc_postgres.state import PluginState
from mc_postgres.storage.rows import DatabaseAge, HorizonHolder, Sequence, Sequences, TableAge, Wraparound
from mc_sdk import Context, Struct

if TYPE_CHECKING:
    from mc_postgres.operations.storage import SequencesParams

WRAPAROUND_LIMIT = 2**31
TABLE_LIMIT = 50
HOLDER_LIMIT = 50
SEQUENCE_LIMIT = 20_000
TYPE_MAX = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
HIDDEN_QUERY = "<insufficient privilege>"


class DatabaseAgeRow(Struct):
    """A row of `wraparound_databases.sql`."""

    name: str
    xid_age: int
    mxid_age: int
    freeze_max_age: int
    mxid_freeze_max_age: int
    is_connected: bool


class TableAgeRow(Struct):
    """A row of `wraparound_tables.sql`."""

    schema: str
    name: str
    toast_of: str | None
    xid_age: int
    mxid_age: int
    size_bytes: int


class HolderRow(Struct):
    """A row of `horizon.sql`."""

    kind: str
    pid: int | None
    name: str | None
    database: str | None
    user: str | None
    xmin_age: int | None
    age_ms: int | None
    state: str | None
    query: str | None


class SequenceRow(Struct):
    """A row of `sequences.sql`."""

    schema: str
    name: str
    data_type: str
    last_value: int | None
    is_readable: bool
    min_value: int
    max_value: int
    increment: int
    cycles: bool
    column: str | None
    column_type: str | None


def share(part: float, whole: float) -> float:
    """Return a share in percent."""
    return round(part * 100 / whole, 2) if whole else 0.0


async def read_wraparound(ctx: Context[PluginState], database: str) -> Wraparound:
    """Return ages of databases and tables, and who holds the horizon."""
    async with open_database(ctx, database) as db:
        bound = db.target.database if db.target.is_bound else ""
        databases = await db.fetch(DatabaseAgeRow, "wraparound_databases", database=bound)
        tables = await db.fetch(TableAgeRow, "wraparound_tables", limit=TABLE_LIMIT)
        holders = await read_horizon(db)
        role = await db.role()
        limit = databases[0].freeze_max_age if databases else 200_000_000
        return Wraparound(
            databases=[render_database(row) for row in databases],
            tables=[
                TableAge(
                    schema=row.schema,
                    name=row.name,
                    toast_of=row.toast_of,
                    xid_age=row.xid_age,
                    mxid_age=row.mxid_age,
                    xid_pct_of_freeze_max=share(row.xid_age, limit),
                    size_bytes=row.size_bytes,
                )
                for row in tables
            ],
            horizon=holders,
            freeze_max_age=limit,
            mxid_freeze_max_age=databases[0].mxid_freeze_max_age if databases else 400_000_000,
            needs=() if role.sees_all_stats else (role.need_stats("who else holds the horizon"),),
            cost_ms=db.cost_ms,
        )


def render_database(row: DatabaseAgeRow) -> DatabaseAge:
    """Return a database's ages as shares of the limits."""
    return DatabaseAge(
        name=row.name,
        xid_age=row.xid_age,
        mxid_age=row.mxid_age,
        xid_pct_of_freeze_max=share(row.xid_age, row.freeze_max_age),
        xid_pct_of_limit=share(row.xid_age, WRAPAROUND_LIMIT),
        mxid_pct_of_freeze_max=share(row.mxid_age, row.mxid_freeze_max_age),
        mxid_pct_of_limit=share(row.mxid_age, WRAPAROUND_LIMIT),
        is_connected=row.is_connected,
    )


async def read_horizon(db: Database) -> list[HorizonHolder]:
    """Return who holds the horizon, the oldest first; a bound item sees its own database's and those of all."""
    rows = await db.fetch(HolderRow, "horizon", limit=HOLDER_LIMIT)
    bound = db.target.database if db.target.is_bound else ""
    shown = [row for row in rows if not bound or row.database in (bound, None)]
    return [
        HorizonHolder(
            kind=row.kind,
            pid=row.pid,
            name=row.name,
            database=row.database,
            user=row.user,
            xmin_age=row.xmin_age,
            age_ms=row.age_ms,
            state=row.state,
            query=row.query,
            is_oldest=at == 0 and row.xmin_age is not None,
        )
        for at, row in enumerate(shown)
    ]


async def read_sequences(ctx: Context[PluginState], params: SequencesParams) -> Sequences:
    """Return the sequences, perhaps as of a moment ago."""
    async with open_database(ctx, params.database) as db:
        whole = await cached_sequences(ctx, db, refresh=params.refresh)
    kept = [one for one in whole.sequences if worst_share(one) >= params.min_pct]
    return Sequences(
        sequences=kept[: params.limit],
        warnings=whole.warnings,
        needs=whole.needs,
        as_of=whole.as_of,
        age_ms=whole.age_ms,
        cost_ms=whole.cost_ms,
    )


async def cached_sequences(ctx: Context[PluginState], db: Database, *, refresh: bool = False) -> Sequences:
    """Return all sequences, the fullest first."""

    async def make() -> Sequences:
        rows = await db.fetch(SequenceRow, "sequences", limit=SEQUENCE_LIMIT)
        role = await db.role()
        hidden = sum(not row.is_readable for row in rows)
        schemas = tuple(sorted({f'"{row.schema}"' for row in rows if not row.is_readable}))
        found = sorted(map(render_sequence, rows), key=lambda one: (-worst_share(one), one.schema, one.name))
        return Sequences(
            sequences=found,
            needs=(role.need_data(f"values of {hidden} sequences", schemas),) if hidden else (),
            as_of=datetime.now(UTC),
            age_ms=0,
            cost_ms=db.cost_ms,
        )

    return await ctx.state.slow_lane.get(Sequences, ("sequences", ctx.item_id, db.target.params), make, refresh=refresh)


def worst_share(one: Sequence) -> float:
    """Return how full a sequence or its column is."""
    return max(one.used_pct or 0.0, one.column_pct or 0.0)


def render_sequence(row: SequenceRow) -> Sequence:
    """Return a sequence with its shares; one that counts down is measured towards its minimum."""
    end = row.max_value if row.increment > 0 else -row.min_value
    at = None if row.last_value is None else row.last_value if row.increment > 0 else -row.last_value
    is_unused = row.last_value is None and row.is_readable
    type_max = TYPE_MAX.get(row.column_type or "")
    return Sequence(
        schema=row.schema,
        name=row.name,
        data_type=row.data_type,
        last_value=None if row.last_value is None else str(row.last_value),
        max_value=str(row.max_value),
        used_pct=0.0 if is_unused else None if at is None else max(0.0, share(at, end)),
        column=row.column,
        column_type=row.column_type,
        column_pct=None if type_max is None or at is None else max(0.0, share(at, type_max)),
        cycles=row.cycles,
    )
