"""Rows of the index queries, and advice as the plugin shows it."""

from __future__ import annotations

from datetime import datetime

from mc_postgres.answers import CachedAnswer
from mc_sdk import Struct


class IndexRow(Struct):
    """A row of `all_indexes.sql`."""

    oid: int
    table_oid: int
    table: str
    index: str
    quoted: str
    method: str
    size_bytes: int
    kind: str
    scans: int
    tuples_read: int
    is_unique: bool
    is_primary: bool
    is_exclusion: bool
    is_replica_identity: bool
    is_valid: bool
    is_immediate: bool
    key_count: int
    columns: list[int]
    classes: list[int]
    collations: list[int]
    options: list[int]
    expressions: str
    predicate: str
    backs_constraint: bool
    is_partition_part: bool
    column_names: list[str]
    table_tuples: float

    @property
    def keys(self) -> tuple[tuple[int, int, int, int], ...]:
        """Column, operator class, collation and order of each key column."""
        count = self.key_count
        parts = (self.columns, self.classes, self.collations, self.options)
        return tuple(zip(*(part[:count] for part in parts), strict=True))

    @property
    def included(self) -> frozenset[int]:
        """The columns that are only carried along."""
        return frozenset(self.columns[self.key_count :])

    @property
    def enforces(self) -> bool:
        """Whether it does more than find rows."""
        return self.is_unique or self.is_exclusion or self.is_replica_identity or self.backs_constraint


class ForeignKeyRow(Struct):
    """A row of `foreign_keys.sql`."""

    table_oid: int
    table: str
    name: str
    quoted_table: str
    columns: list[int]
    column_names: list[str]
    referenced: str
    size_bytes: int
    tuples: float
    is_partitioned: bool
    parent_changes: int


class ScanRow(Struct):
    """A row of `table_scans.sql`."""

    table: str
    seq_scans: int
    seq_tuples: int
    index_scans: int
    tuples: float
    size_bytes: int


class DefinitionRow(Struct):
    """A row of `index_definitions.sql`."""

    oid: int
    definition: str


class MakingRow(Struct):
    """A row of `indexes_in_making.sql`."""

    relation: int


class AgeRow(Struct):
    """A row of `stats_age.sql`."""

    stats_reset: datetime | None
    started_at: datetime
    in_recovery: bool
    standbys: int


class IndexFinding(Struct, omit_defaults=True, kw_only=True):
    """One piece of advice; `ddl` is shown and never run, and is '' where there is no single right one."""

    kind: str
    table: str
    index: str | None = None
    covered_by: str | None = None
    columns: tuple[str, ...] = ()
    size_bytes: int
    scans: int
    last_scan: datetime | None = None
    stats_since: datetime | None = None
    stats_age_days: float | None = None
    reason: str
    ddl: str
    confidence: str
    bloat_pct: float | None = None


class IndexUse(Struct, omit_defaults=True, kw_only=True):
    """An index and how much it is used."""

    table: str
    index: str
    size_bytes: int
    scans: int
    last_scan: datetime | None = None
    tuples_read: int
    is_unique: bool
    is_primary: bool
    is_valid: bool
    definition: str


class IndexTotal(Struct):
    """All indexes together."""

    count: int
    size_bytes: int


class IndexReport(CachedAnswer, omit_defaults=True, kw_only=True):
    """Advice, most bytes first, and the largest indexes."""

    findings: list[IndexFinding]
    indexes: list[IndexUse]
    total: IndexTotal
    stats_since: datetime | None = None
    standby_note: str = ""
    suggestion_note: str = ""
    """Why no indexes are suggested from statements; '' when they were looked for."""
    suggestion_sql: str = ""
    """What would change that."""
