"""Advice on indexes, decided on rows of the catalogue alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mc_postgres.advice.rows import ForeignKeyRow, IndexFinding, IndexRow, ScanRow
from mc_postgres.storage.rows import Bloat

SURE_DAYS = 30
LIKELY_DAYS = 7
SMALL_TUPLES = 1000
BLOATED_BYTES = 1024 * 1024
BLOATED_PCT = 50.0
DDL_HINT = "runs alone, outside a transaction: write mode does that"


def judge_indexes(
    rows: Sequence[IndexRow], keys: Sequence[ForeignKeyRow], in_making: frozenset[int], age_days: float
) -> list[IndexFinding]:
    """Return which indexes are invalid, twofold, covered by others or not used."""
    by_table: dict[int, list[IndexRow]] = {}
    for row in rows:
        by_table.setdefault(row.table_oid, []).append(row)
    supporting = supporting_indexes(by_table, keys)
    found: list[IndexFinding] = []
    for indexes in by_table.values():
        useless: set[int] = set()
        for row in indexes:
            if not row.is_valid and row.kind == "i" and row.oid not in in_making and row.table_oid not in in_making:
                useless.add(row.oid)
                found.append(invalid(row))
        sound = [row for row in indexes if row.is_valid]
        for row in sound:
            twin = find_twin(row, sound)
            if twin is not None and twin.oid not in useless:
                useless.add(row.oid)
                found.append(about(row, "duplicate", f"is the same as {twin.index}", drop(row), "high", twin.index))
        for row in sound:
            wider = find_wider(row, sound, useless) if row.oid not in useless else None
            if wider is not None:
                useless.add(row.oid)
                reason = f"its columns are the first ones of {wider.index}"
                found.append(about(row, "overlapping", reason, drop(row), "medium", wider.index))
        found += [
            unused(row, age_days)
            for row in sound
            if row.oid not in useless and row.oid not in supporting and is_unused(row)
        ]
    return found


def is_droppable(row: IndexRow) -> bool:
    """Say whether nothing but speed depends on an index."""
    return not row.enforces and not row.is_partition_part and row.kind == "i"


def is_unused(row: IndexRow) -> bool:
    """Say whether an index was never used and could go."""
    return row.scans == 0 and is_droppable(row)


def find_twin(row: IndexRow, others: Sequence[IndexRow]) -> IndexRow | None:
    """Return an index that is the same, if `row` is the one of the two that can go."""
    if row.backs_constraint or row.is_replica_identity or row.is_partition_part or row.kind != "i":
        return None
    for other in others:
        if other.oid == row.oid or not is_same(row, other) or (row.is_unique and not other.is_unique):
            continue
        # Of two that could both go, the older one stays; one that does more always stays.
        if other.enforces > row.enforces or other.is_partition_part or other.oid < row.oid:
            return other
    return None


def is_same(one: IndexRow, other: IndexRow) -> bool:
    """Say whether two indexes hold the same entries in the same order."""
    return (
        one.method == other.method
        and one.keys == other.keys
        and one.included == other.included
        and one.expressions == other.expressions
        and one.predicate == other.predicate
    )


def find_wider(row: IndexRow, others: Sequence[IndexRow], useless: set[int]) -> IndexRow | None:
    """Return a B-tree that starts with all columns of `row` and carries the rest."""
    if not is_droppable(row) or row.method != "btree" or row.expressions:
        return None
    for other in others:
        if other.oid in (row.oid, *useless) or other.method != "btree" or other.expressions:
            continue
        if other.predicate != row.predicate or len(other.keys) <= len(row.keys):
            continue
        carried = other.included | {key[0] for key in other.keys}
        if other.keys[: len(row.keys)] == row.keys and row.included <= carried:
            return other
    return None


def supporting_indexes(by_table: Mapping[int, Sequence[IndexRow]], keys: Iterable[ForeignKeyRow]) -> set[int]:
    """Return the indexes that foreign keys need."""
    return {row.oid for key in keys for row in by_table.get(key.table_oid, ()) if supports(row, key)}


def supports(row: IndexRow, key: ForeignKeyRow) -> bool:
    """Say whether an index finds the rows of a foreign key: its columns come first, in any order."""
    if not row.is_valid or row.predicate or row.method not in ("btree", "hash"):
        return False
    return set(row.columns[: min(len(key.columns), row.key_count)]) == set(key.columns)


def missing_for_keys(keys: Iterable[ForeignKeyRow], rows: Sequence[IndexRow]) -> Iterator[IndexFinding]:
    """Yield the foreign keys without an index."""
    by_table: dict[int, list[IndexRow]] = {}
    for row in rows:
        by_table.setdefault(row.table_oid, []).append(row)
    seen: set[tuple[int, tuple[int, ...]]] = set()
    for key in keys:
        mark = (key.table_oid, tuple(key.columns))
        if mark in seen or any(supports(row, key) for row in by_table.get(key.table_oid, ())):
            continue
        seen.add(mark)
        columns = ", ".join(key.column_names)
        yield IndexFinding(
            kind="missing_fk",
            table=key.table,
            columns=tuple(key.column_names),
            size_bytes=key.size_bytes,
            scans=0,
            reason=f"foreign key {key.name} has no index: every change of {key.referenced} reads the whole table",
            # A partitioned table's index cannot be built concurrently.
            ddl=f"CREATE INDEX {'' if key.is_partitioned else 'CONCURRENTLY '}ON {key.quoted_table} ({columns});",
            confidence="low" if key.tuples < SMALL_TUPLES else "high" if key.parent_changes else "medium",
        )


def scanned_tables(rows: Iterable[ScanRow]) -> Iterator[IndexFinding]:
    """Yield the large tables that are read from end to end."""
    for row in rows:
        yield IndexFinding(
            kind="seq_scan",
            table=row.table,
            size_bytes=row.size_bytes,
            scans=row.seq_scans,
            reason=(
                f"was read from end to end {row.seq_scans:,} times ({row.seq_tuples:,} rows), "
                f"by an index {row.index_scans:,} times: see which statements filter it"
            ),
            ddl="",
            confidence="medium",
        )


def bloated_indexes(bloats: Iterable[Bloat], rows: Iterable[IndexRow]) -> Iterator[IndexFinding]:
    """Yield the indexes that are mostly empty."""
    by_name = {row.index: row for row in rows}
    for bloat in bloats:
        row = by_name.get(f"{bloat.schema}.{bloat.name}")
        if row is None or (bloat.bloat_pct or 0) < BLOATED_PCT or (bloat.bloat_bytes or 0) < BLOATED_BYTES:
            continue
        finding = about(
            row,
            "bloated",
            f"{bloat.bloat_pct:g} % of it is estimated to be empty",
            f"REINDEX INDEX CONCURRENTLY {row.quoted};",
            bloat.confidence,
        )
        finding.bloat_pct = bloat.bloat_pct
        yield finding


def invalid(row: IndexRow) -> IndexFinding:
    """Return the finding about an index that a failed build left behind."""
    name = row.index.rpartition(".")[2]
    is_leftover = "_ccnew" in name or "_ccold" in name
    ddl = drop(row) if is_leftover else f"REINDEX INDEX CONCURRENTLY {row.quoted};"
    reason = "is invalid: a concurrent build failed; it costs every write and helps no query"
    return about(row, "invalid", reason, ddl, "high")


def unused(row: IndexRow, age_days: float) -> IndexFinding:
    """Return the finding about an index that nobody has used while statistics were counted."""
    confidence = "high" if age_days >= SURE_DAYS else "medium" if age_days >= LIKELY_DAYS else "low"
    reason = f"was not used once in the {age_days:.1f} days of these statistics (standbys count their own)"
    return about(row, "unused", reason, drop(row), confidence)


def drop(row: IndexRow) -> str:
    """Return the statement that removes an index."""
    return f"DROP INDEX CONCURRENTLY {row.quoted};"


def about(
    row: IndexRow, kind: str, reason: str, ddl: str, confidence: str, covered_by: str | None = None
) -> IndexFinding:
    """Return a finding about an index."""
    return IndexFinding(
        kind=kind,
        table=row.table,
        index=row.index,
        covered_by=covered_by,
        columns=tuple(row.column_names),
        size_bytes=row.size_bytes,
        scans=row.scans,
        reason=reason,
        ddl=ddl,
        confidence=confidence,
    )
