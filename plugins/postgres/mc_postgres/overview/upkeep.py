"""Findings about tables and indexes: vacuum, wraparound, bloat, indexes, sequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mc_postgres.advice.rows import IndexFinding
from mc_postgres.overview.rows import Finding, Link, Severity
from mc_postgres.storage.rows import Bloat, DatabaseAge, HorizonHolder, Sequence, VacuumStats

FREEZE_INFO_PCT, FREEZE_WARNING_PCT, FREEZE_CRITICAL_PCT = 50.0, 100.0, 200.0
LIMIT_WARNING_PCT, LIMIT_CRITICAL_PCT = 25.0, 50.0
HORIZON_AGE = 1_000_000
OVERDUE_ROWS = 10_000
OVERDUE_FACTOR = 2
BLOAT_BYTES, BLOAT_PCT = 10 * 1024 * 1024, 50.0
INDEX_TUPLES_BYTES = 1024 * 1024
SEQUENCE_PCT, SEQUENCE_CRITICAL_PCT = 75.0, 90.0
MAX_EACH = 5
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def spell_bytes(size: float) -> str:
    """Return a size as a person says it."""
    unit = 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {UNITS[unit]}" if unit == 0 or size >= 100 else f"{size:.1f} {UNITS[unit]}"


def judge_ages(databases: Iterable[DatabaseAge]) -> Iterator[Finding]:
    """Yield the databases that come near to wraparound."""
    for one in databases:
        freeze = max(one.xid_pct_of_freeze_max, one.mxid_pct_of_freeze_max)
        limit = max(one.xid_pct_of_limit, one.mxid_pct_of_limit)
        if freeze < FREEZE_INFO_PCT and limit < LIMIT_WARNING_PCT:
            continue
        severity = Severity.INFO
        if freeze >= FREEZE_WARNING_PCT or limit >= LIMIT_WARNING_PCT:
            severity = Severity.WARNING
        if freeze >= FREEZE_CRITICAL_PCT or limit >= LIMIT_CRITICAL_PCT:
            severity = Severity.CRITICAL
        yield Finding(
            id=f"wraparound:{one.name}",
            kind="wraparound",
            severity=severity,
            title=f"database {one.name} is at {freeze:g} % of the age at which it must be frozen",
            evidence=f"age {one.xid_age:,} ({limit:g} % of the hard limit), multixact age {one.mxid_age:,}",
            next_step="let autovacuum finish, see what holds the horizon, or VACUUM (FREEZE) the oldest tables",
            link=Link(tab="storage", params={"section": "wraparound"}),
            facts={"database": one.name, "xidAge": one.xid_age},
            weight=max(freeze, limit),
        )


def judge_horizon(holders: Iterable[HorizonHolder]) -> Iterator[Finding]:
    """Yield who has held back the horizon for many transactions."""
    for one in holders:
        if not one.is_oldest or (one.xmin_age or 0) < HORIZON_AGE:
            continue
        who = f"{one.kind} {one.name or one.pid}"
        yield Finding(
            id=f"horizon:{one.kind}:{one.name or one.pid}",
            kind="horizon",
            severity=Severity.WARNING,
            title=f"{who} keeps dead rows of the last {one.xmin_age:,} transactions",
            evidence=f"{one.state or ''} {one.database or ''} {one.query or ''}".strip(),
            next_step="no vacuum can remove them before it ends",
            link=Link(tab="storage", params={"section": "wraparound"}),
            facts={"kind": one.kind, "pid": one.pid, "name": one.name},
            weight=float(one.xmin_age or 0),
        )


def judge_vacuum(rows: Iterable[VacuumStats]) -> Iterator[Finding]:
    """Yield the tables that autovacuum should have come to long ago."""
    late = [
        row
        for row in rows
        if row.dead_tuples >= OVERDUE_ROWS
        and row.is_due
        and (row.dead_tuples >= OVERDUE_FACTOR * row.dead_threshold or not row.autovacuum_enabled)
    ]
    for row in late[:MAX_EACH]:
        off = "" if row.autovacuum_enabled else "; autovacuum is switched off for it"
        name = f"{row.schema}.{row.table}"
        yield Finding(
            id=f"autovacuum_overdue:{name}",
            kind="autovacuum_overdue",
            severity=Severity.WARNING,
            title=f"{name} has {row.dead_tuples:,} dead rows and waits for vacuum",
            evidence=f"{row.dead_tuple_pct:.0f} % of its rows; due from {row.dead_threshold:,} on{off}",
            next_step="see whether a vacuum is under way and what holds the horizon, or VACUUM it",
            link=Link(tab="storage", params={"section": "vacuum", "relation": name}),
            sql=f'VACUUM (VERBOSE) "{row.schema}"."{row.table}";',
            facts={"relation": name, "deadTuples": row.dead_tuples},
            weight=float(row.dead_tuples),
        )


def judge_bloat(bloats: Iterable[Bloat]) -> Iterator[Finding]:
    """Yield the tables that are mostly empty."""
    wasteful = [one for one in bloats if (one.bloat_bytes or 0) >= BLOAT_BYTES and (one.bloat_pct or 0) >= BLOAT_PCT]
    for one in wasteful[:MAX_EACH]:
        name = f"{one.schema}.{one.name}"
        yield Finding(
            id=f"bloat:{name}",
            kind="bloat",
            severity=Severity.WARNING,
            title=f"{name} is bloated: {spell_bytes(one.bloat_bytes or 0)} of {spell_bytes(one.size_bytes)}",
            evidence=f"{one.bloat_pct:g} % by {one.method}, confidence {one.confidence}",
            next_step="VACUUM lets new rows use the space; VACUUM FULL or pg_repack gives it back",
            link=Link(tab="storage", params={"section": "bloat", "relation": name}),
            sql=f'VACUUM (FULL, ANALYZE) "{one.schema}"."{one.name}";',
            facts={"relation": name, "bloatBytes": one.bloat_bytes, "bloatPct": one.bloat_pct},
            weight=float(one.bloat_bytes or 0),
        )


INDEX_KINDS = {
    "invalid": ("invalid_index", Severity.WARNING),
    "missing_fk": ("missing_index", Severity.WARNING),
    "seq_scan": ("missing_index", Severity.WARNING),
    "hypothetical": ("missing_index", Severity.INFO),
    "duplicate": ("duplicate_index", Severity.INFO),
    "bloated": ("bloat", Severity.INFO),
}


def judge_indexes(found: Iterable[IndexFinding]) -> Iterator[Finding]:
    """Yield what is wrong with indexes, without advice on unused ones, which is no emergency."""
    counts: dict[str, int] = {}
    for one in found:
        if one.kind not in INDEX_KINDS or (one.kind == "missing_fk" and one.size_bytes < INDEX_TUPLES_BYTES):
            continue
        kind, severity = INDEX_KINDS[one.kind]
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] > MAX_EACH:
            continue
        subject = f"index {one.index}" if one.index else f"table {one.table}"
        yield Finding(
            id=f"{kind}:{one.index or one.table}:{'+'.join(one.columns)}",
            kind=kind,
            severity=severity,
            title=f"{subject} {one.reason}"
            if kind != "missing_index"
            else f"{one.table} misses an index: {one.reason}",
            evidence=f"{spell_bytes(one.size_bytes)}, confidence {one.confidence}",
            next_step="see the advice" if not one.ddl else "run the statement in write mode",
            link=Link(tab="indexes", params={"index": one.index} if one.index else {"table": one.table}),
            sql=one.ddl,
            facts={"table": one.table, "index": one.index},
            weight=float(one.size_bytes),
        )


def judge_sequences(sequences: Iterable[Sequence]) -> Iterator[Finding]:
    """Yield the sequences that run out, of themselves or of their column's type."""
    for one in sequences:
        share = max(one.used_pct or 0.0, one.column_pct or 0.0)
        if share < SEQUENCE_PCT or (one.cycles and not (one.column_pct or 0.0) >= SEQUENCE_PCT):
            continue
        name = f"{one.schema}.{one.name}"
        yield Finding(
            id=f"sequence:{name}",
            kind="sequence",
            severity=Severity.CRITICAL if share >= SEQUENCE_CRITICAL_PCT else Severity.WARNING,
            title=f"sequence {name} is {share:g} % used up",
            evidence=f"at {one.last_value}; {one.column or 'no column'} is {one.column_type or one.data_type}",
            next_step="change the column to bigint before it is full",
            link=Link(tab="storage", params={"section": "sequences"}),
            facts={"sequence": name, "usedPct": share},
            weight=share,
        )
