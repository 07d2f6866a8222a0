"""Rows of the schema queries, and a schema as the plugin shows it."""

from __future__ import annotations

from mc_sdk import Struct


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
