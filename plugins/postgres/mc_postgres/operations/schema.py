"""`schema`: what there is in a database, for completion and for looking around; never waits on a lock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import msgspec

from mc_postgres.state import PluginState
from mc_sdk import Conflict, Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.database import Database

TABLE_LIMIT = 2000
TABLE_LIMIT_MAX = 20_000
FUNCTION_LIMIT = 2000
KINDS = {"r": "table", "p": "partitioned_table", "v": "view", "m": "materialized_view", "f": "foreign_table"}


class SchemaParams(Struct, forbid_unknown_fields=True):
    """`search` matches any part of `schema.name`, in any case."""

    database: str = ""
    search: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=TABLE_LIMIT_MAX)] = TABLE_LIMIT
    etag: str = ""
    """That of an earlier answer: when nothing changed since, the answer is short."""
    with_functions: bool = True
    """Also the functions and enums of the user's schemas."""


class RelationRow(Struct):
    """A row of `relations.sql`; `total` counts beyond the limit."""

    oid: int
    schema: str
    name: str
    kind: str
    total: int
    comment: str | None
    tuples: float
    size_bytes: int
    partition_of: str | None


class FunctionRow(Struct):
    """A row of `schema_functions.sql`."""

    schema: str
    name: str
    args: str
    result: str


class EnumRow(Struct):
    """A row of `schema_enums.sql`."""

    schema: str
    name: str
    labels: list[str]


class ChangeRow(Struct):
    """A row of `schema_changes.sql`."""

    mark: str


class ColumnRow(Struct):
    """A row of `columns.sql`."""

    relation: int
    name: str
    data_type: str
    full_type: str
    nullable: bool
    ordinal: int
    default_sql: str | None


class IndexRow(Struct):
    """A row of `indexes.sql`."""

    relation: int
    name: str
    definition: str | None


class ConstraintRow(Struct):
    """A row of `constraints.sql`."""

    relation: int
    name: str
    type: str
    definition: str | None


class TableColumn(Struct, omit_defaults=True, kw_only=True):
    """`dataType` is the bare name of the (base) type, `fullType` as one would write it."""

    name: str
    data_type: str
    full_type: str
    nullable: bool
    ordinal: int
    default_sql: str | None = None


class TableIndex(Struct):
    """`definition` is '' while the table is locked exclusively."""

    name: str
    definition: str


class TableConstraint(Struct):
    """`type` is the catalogue's letter: p, u, f, c, x, t."""

    name: str
    type: str
    definition: str


class Table(Struct, omit_defaults=True, kw_only=True):
    """A table, view or the like."""

    name: str
    schema: str
    type: str
    comment: str | None = None
    estimated_rows: int | None = None
    """By the last ANALYZE; absent when there was none."""
    size_bytes: int = 0
    """By the pages in the catalogue, without indexes."""
    partition_of: str | None = None
    columns: list[TableColumn]
    indexes: tuple[TableIndex, ...] = ()
    constraints: tuple[TableConstraint, ...] = ()


class SchemaResult(Struct, omit_defaults=True, kw_only=True):
    """`total` counts the tables that match, `truncated` says that not all are here."""

    tables: list[Table]
    database: str
    total: int
    truncated: bool = False
    etag: str
    not_modified: bool = False
    """Nothing changed since the `etag` that was sent: `tables` is empty, the earlier answer still holds."""
    functions: tuple[FunctionRow, ...] = ()
    enums: tuple[EnumRow, ...] = ()
    warnings: tuple[str, ...] = ()
    cost_ms: float


class DatabaseNameRow(Struct):
    """A row of `current_database.sql`."""

    name: str


class _OfRelation(Protocol):
    relation: int


R = TypeVar("R", bound=_OfRelation)


@operation("schema", http=())
async def schema(ctx: Context[PluginState], params: SchemaParams) -> SchemaResult:
    """List a database's tables and views with columns, indexes and constraints."""
    warnings: list[str] = []
    from mc_postgres.database import open_database

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
