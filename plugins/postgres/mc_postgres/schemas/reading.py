"""Reads a schema; never waits on a lock: without texts is better than late."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from mc_postgres.database import Database, open_database
from mc_postgres.schemas.rows import (
    ChangeRow,
    ColumnRow,
    ConstraintRow,
    DatabaseNameRow,
    EnumRow,
    FunctionRow,
    IndexRow,
    RelationRow,
    SchemaResult,
    Table,
    TableColumn,
    TableConstraint,
    TableIndex,
)
from mc_postgres.state import PluginState
from mc_sdk import Conflict, Context

if TYPE_CHECKING:
    from mc_postgres.operations.schema import SchemaParams

FUNCTION_LIMIT = 2000
KINDS = {"r": "table", "p": "partitioned_table", "v": "view", "m": "materialized_view", "f": "foreign_table"}


class _OfRelation(Protocol):
    relation: int


R = TypeVar("R", bound=_OfRelation)


async def read_schema(ctx: Context[PluginState], params: SchemaParams) -> SchemaResult:
    """Return tables, functions and enums, or that nothing changed since the caller's etag."""
    warnings: list[str] = []
    async with open_database(ctx, params.database) as db:
        [current] = await db.fetch(DatabaseNameRow, "current_database")
        etag = await find_etag(db, params)
        if etag == params.etag:
            return SchemaResult(
                tables=[], database=current.name, total=0, etag=etag, not_modified=True, cost_ms=db.cost_ms
            )
        relations = await db.fetch(RelationRow, "relations", search=params.search, limit=params.limit)
        try:
            async with db.savepoint():
                tables = await read_tables(db, relations, with_texts=True)
        except Conflict:
            # A lock was taken after the look at pg_locks: better without texts than late.
            warnings.append("definitions are left out: a table is locked exclusively")
            tables = await read_tables(db, relations, with_texts=False)
        functions = (
            await db.fetch(FunctionRow, "schema_functions", limit=FUNCTION_LIMIT) if params.with_functions else []
        )
        enums = await db.fetch(EnumRow, "schema_enums", limit=FUNCTION_LIMIT) if params.with_functions else []
        cost_ms = db.cost_ms
    total = relations[0].total if relations else 0
    return SchemaResult(
        tables=tables,
        database=current.name,
        total=total,
        truncated=total > len(tables),
        etag=etag,
        functions=tuple(functions),
        enums=tuple(enums),
        cost_ms=cost_ms,
        warnings=tuple(warnings),
    )


async def find_etag(db: Database, params: SchemaParams) -> str:
    """Return what changes whenever the catalogue does; it may lag behind by the delay of the statistics."""
    [row] = await db.fetch(ChangeRow, "schema_changes")
    asked = (row.mark, db.target.database, params.search, str(params.limit), str(params.with_functions))
    return hashlib.sha256("\0".join(asked).encode()).hexdigest()[:32]


async def read_tables(db: Database, relations: Sequence[RelationRow], *, with_texts: bool) -> list[Table]:
    """Return the relations with their parts, in the given order."""
    oids = [relation.oid for relation in relations]
    columns = group(await db.fetch(ColumnRow, "columns", relations=oids, with_texts=with_texts))
    indexes = group(await db.fetch(IndexRow, "indexes", relations=oids, with_texts=with_texts))
    constraints = group(await db.fetch(ConstraintRow, "constraints", relations=oids, with_texts=with_texts))
    return [
        Table(
            name=relation.name,
            schema=relation.schema,
            type=KINDS[relation.kind],
            comment=relation.comment,
            estimated_rows=int(relation.tuples) if relation.tuples >= 0 else None,
            size_bytes=relation.size_bytes,
            partition_of=relation.partition_of,
            columns=[render_column(row) for row in columns.get(relation.oid, ())],
            indexes=tuple(
                TableIndex(name=row.name, definition=row.definition or "") for row in indexes.get(relation.oid, ())
            ),
            constraints=tuple(
                TableConstraint(name=row.name, type=row.type, definition=row.definition or "")
                for row in constraints.get(relation.oid, ())
            ),
        )
        for relation in relations
    ]


def render_column(row: ColumnRow) -> TableColumn:
    """Return a column as the plugin shows it."""
    return TableColumn(
        name=row.name,
        data_type=row.data_type,
        full_type=row.full_type,
        nullable=row.nullable,
        ordinal=row.ordinal,
        default_sql=row.default_sql,
    )


def group(rows: Iterable[R]) -> dict[int, list[R]]:
    """Return rows by the relation that they belong to."""
    found: dict[int, list[R]] = {}
    for row in rows:
        found.setdefault(row.relation, []).append(row)
    return found
