"""`progress`: vacuums, index builds, copies and the like that are under way, by whatever the version's views tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mc_postgres.database import Database, open_database
from mc_postgres.relation_names import name_elsewhere
from mc_postgres.state import PluginState
from mc_postgres.storage.rows import Progress, ProgressReport
from mc_sdk import JSON, Context, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

VIEWS = (
    ("vacuum", 120_000),
    ("create_index", 120_000),
    ("cluster", 120_000),
    ("analyze", 130_000),
    ("basebackup", 130_000),
    ("copy", 140_000),
)
MEASURES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    # The first pair whose total is known says how far it is.
    "vacuum": (("heap_blks_scanned", "heap_blks_total", "blocks"),),
    "create_index": (
        ("blocks_done", "blocks_total", "blocks"),
        ("tuples_done", "tuples_total", "tuples"),
        ("lockers_done", "lockers_total", "lockers"),
        ("partitions_done", "partitions_total", "partitions"),
    ),
    "cluster": (("heap_blks_scanned", "heap_blks_total", "blocks"),),
    "analyze": (("sample_blks_scanned", "sample_blks_total", "blocks"),),
    "basebackup": (("backup_streamed", "backup_total", "bytes"),),
    "copy": (("bytes_processed", "bytes_total", "bytes"), ("tuples_processed", "", "tuples")),
}
NOT_DETAILS = frozenset({"pid", "datid", "datname", "relid", "phase", "index_relid"})


class ProgressRow(Struct):
    """A row of `progress_….sql`; `row` is the view's row."""

    pid: int
    row: dict[str, JSON]
    backend_type: str | None
    query: str | None
    elapsed_ms: int | None


async def read_progress(ctx: Context[PluginState]) -> ProgressReport:
    """Return what is under way, the longest first."""
    async with open_database(ctx) as db:
        found = [(kind, row) for kind, row in await fetch_all(db) if is_shown(row, db)]
        cost_ms, current = db.cost_ms, (await db.role()).database
        wanted = [(text(row, "datname"), oid) for _, row in found for oid in relations_of(row)]
        here = sorted({oid for database, oid in wanted if database == current and oid})
        own = await db.fetch(OwnNameRow, "relation_names", relations=here) if here else []
    names = {(current, one.oid): one.name for one in own}
    names |= await name_elsewhere(ctx, [pair for pair in wanted if pair[0] != current])
    items = [render(kind, row, names) for kind, row in found]
    return ProgressReport(items=sorted(items, key=lambda one: -(one.elapsed_ms or 0)), cost_ms=cost_ms)


class OwnNameRow(Struct):
    """A row of `relation_names.sql`."""

    oid: int
    name: str


async def fetch_all(db: Database) -> list[tuple[str, ProgressRow]]:
    """Return the rows of all progress views of this version."""
    kinds = [kind for kind, since in VIEWS if db.version_num >= since]
    return [(kind, row) for kind in kinds for row in await db.fetch(ProgressRow, f"progress_{kind}")]


def is_shown(row: ProgressRow, db: Database) -> bool:
    """Say whether an item may see this: a database's own item sees that database only."""
    return not db.target.is_bound or text(row, "datname") in (db.target.database, None)


def relations_of(row: ProgressRow) -> list[int]:
    """Return the relations that a row names."""
    return [int(str(row.row[key])) for key in ("relid", "index_relid") if row.row.get(key)]


def text(row: ProgressRow, key: str) -> str | None:
    """Return a text of the view's row."""
    value = row.row.get(key)
    return None if value is None else str(value)


def count(row: ProgressRow, key: str) -> int:
    """Return a number of the view's row, 0 when it is not there."""
    value = row.row.get(key)
    if isinstance(value, str):  # an oid, to jsonb
        return int(value) if value.isdigit() else 0
    return int(value) if isinstance(value, int | float) else 0


def render(kind: str, row: ProgressRow, names: Mapping[tuple[str, int], str]) -> Progress:
    """Return a row as the plugin shows it."""
    done, total, unit = measure(kind, row)
    percent = min(100.0, round(done * 100 / total, 1)) if total > 0 else None
    database = text(row, "datname")

    def name(key: str) -> str | None:
        oid = count(row, key)
        return names.get((database or "", oid), str(oid)) if oid else None

    details = {key: value for key, value in row.row.items() if key not in NOT_DETAILS}
    return Progress(
        pid=row.pid,
        kind=kind,
        database=database,
        relation=name("relid"),
        index=name("index_relid"),
        phase=text(row, "phase") or text(row, "command") or "",
        done=done,
        total=total,
        unit=unit,
        percent=percent,
        eta_ms=int(row.elapsed_ms * (100 - percent) / percent) if percent and row.elapsed_ms else None,
        elapsed_ms=row.elapsed_ms,
        is_autovacuum=row.backend_type == "autovacuum worker",
        query=row.query,
        details={key: value for key, value in details.items() if isinstance(value, int | str)},
    )


def measure(kind: str, row: ProgressRow) -> tuple[int, int, str]:
    """Return done, total (0: unknown) and the unit of both."""
    for done, total, unit in MEASURES[kind]:
        if not total or count(row, total) > 0:
            return count(row, done), count(row, total) if total else 0, unit
    done, total, unit = MEASURES[kind][0]
    return count(row, done), count(row, total), unit
