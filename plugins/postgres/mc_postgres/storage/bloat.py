"""`bloat`: how much of tables and indexes is free or dead, estimated from the statistics or counted in one relation.

The estimate compares the pages that there are with those that the rows would fill: row count and column widths from
the last ANALYZE, alignment and headers by rule. It takes no lock and reads no table.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mc_postgres.database import Database, open_database
from mc_postgres.state import PluginState
from mc_postgres.storage.rows import Bloat, BloatReport
from mc_sdk import Conflict, Context, NotFound, NotSupported, Struct

if TYPE_CHECKING:
    from mc_postgres.operations.storage import BloatParams

PAGE_HEADER_BYTES = 24
ITEM_POINTER_BYTES = 4
TUPLE_HEADER_BYTES = 23
INDEX_TUPLE_BYTES = 8
BTREE_SPECIAL_BYTES = 16
ALIGN_BYTES = 8
INDEX_FANOUT = 200
SURE_PAGES = 128
"""Below a megabyte an estimate is mostly rounding."""
SCAN_ALL = 4000
SCAN_VISIBLE = 200
"""pg_stats checks rights column by column, so that fewer relations are looked at through it."""
EXACT_TIMEOUT_MS = 50_000
WASTEFUL_BYTES = 10 * 1024 * 1024
DEDUPLICATES_VERSION = 130_000


class RelationRow(Struct):
    """A row of `bloat_relations.sql`."""

    oid: int
    schema: str
    name: str
    kind: str
    pages: int
    tuples: float
    block_bytes: int
    uncounted_tuples: int
    fill_factor: int
    columns: int
    is_unique: bool | None
    table: str | None


class WidthRow(Struct):
    """A row of `bloat_widths_….sql`."""

    relation: int
    data_bytes: float
    has_nulls: bool
    unknown_columns: int


class NamedRow(Struct):
    """A row of `one_relation.sql`."""

    oid: int
    schema: str
    name: str
    kind: str
    extension_schema: str | None
    is_locked: bool


class ExactRow(Struct):
    """A row of `exact_table_bloat.sql` and `exact_index_bloat.sql`."""

    size_bytes: int
    bloat_bytes: int


def align(size: float) -> float:
    """Return a size rounded up to the server's alignment."""
    return math.ceil(size / ALIGN_BYTES) * ALIGN_BYTES


def ideal_pages(row: RelationRow, width: WidthRow) -> float:
    """Return how many pages the rows of a relation need."""
    if row.tuples <= 0:
        return 1 if row.kind == "i" else 0
    bitmap = math.ceil(row.columns / 8) if width.has_nulls else 0
    if row.kind == "i":
        header = align(INDEX_TUPLE_BYTES + (math.ceil(32 / 8) if width.has_nulls else 0))
        usable = row.block_bytes - PAGE_HEADER_BYTES - BTREE_SPECIAL_BYTES
        per_row = ITEM_POINTER_BYTES + header + align(width.data_bytes)
        leaves = math.ceil(row.tuples / max(1.0, usable * row.fill_factor / 100 / per_row))
        return leaves + math.ceil(leaves / INDEX_FANOUT) + 1
    usable = row.block_bytes - PAGE_HEADER_BYTES
    per_row = ITEM_POINTER_BYTES + align(TUPLE_HEADER_BYTES + bitmap) + align(width.data_bytes)
    return math.ceil(row.tuples / max(1.0, math.floor(usable * row.fill_factor / 100 / per_row)))


def estimate(row: RelationRow, width: WidthRow | None, version_num: int) -> Bloat:
    """Return the estimate for one relation; without statistics none, which is not the same as no bloat."""
    found = Bloat(
        schema=row.schema,
        name=row.name,
        table=row.table,
        size_bytes=row.pages * row.block_bytes,
        bloat_bytes=None,
        bloat_pct=None,
        method="none",
        confidence="none",
        fill_factor=row.fill_factor,
    )
    if row.tuples < 0 or (row.pages == 0 and row.uncounted_tuples > 0):
        found.reason = "never analysed: ANALYZE it"
        return found
    if row.pages == 0:
        found.bloat_bytes, found.bloat_pct, found.method, found.confidence = 0, 0.0, "estimate", "high"
        return found
    if width is None or width.unknown_columns:
        unknown = width.unknown_columns if width else row.columns
        if row.tuples > 0:
            found.reason = (
                f"no statistics of {unknown} of its {row.columns} columns are visible: ANALYZE it, or see needs"
            )
            return found
        width = WidthRow(relation=row.oid, data_bytes=0.0, has_nulls=False, unknown_columns=0)
    waste = max(0.0, row.pages - ideal_pages(row, width))
    found.bloat_bytes = int(waste * row.block_bytes)
    found.bloat_pct = round(waste * 100 / row.pages, 1)
    found.method = "estimate"
    found.confidence = "medium" if row.pages >= SURE_PAGES else "low"
    if row.kind == "i" and not row.is_unique and version_num >= DEDUPLICATES_VERSION and row.pages >= SURE_PAGES:
        found.reason = "equal keys are stored once, so that bloat may be larger than estimated"
    return found


async def read_bloat(ctx: Context[PluginState], params: BloatParams) -> BloatReport:
    """Return the report, perhaps as of a moment ago; one relation is counted exactly when it is named."""
    if params.exact:
        return await count_exactly(ctx, params)
    async with open_database(ctx, params.database) as db:
        whole = await cached_bloat(ctx, db, params.min_bytes, refresh=params.refresh)
    return BloatReport(
        tables=whole.tables[: params.limit],
        indexes=whole.indexes[: params.limit],
        total_bloat_bytes=whole.total_bloat_bytes,
        scanned=whole.scanned,
        warnings=whole.warnings,
        needs=whole.needs,
        as_of=whole.as_of,
        age_ms=whole.age_ms,
        cost_ms=whole.cost_ms,
    )


async def cached_bloat(
    ctx: Context[PluginState], db: Database, min_bytes: int, *, refresh: bool = False
) -> BloatReport:
    """Return the estimates of all relations that are looked at."""

    async def make() -> BloatReport:
        return await estimate_all(db, min_bytes)

    key = ("bloat", ctx.item_id, db.target.params, min_bytes)
    return await ctx.state.slow_lane.get(BloatReport, key, make, refresh=refresh)


async def estimate_all(db: Database, min_bytes: int) -> BloatReport:
    """Return the estimates, the most wasted bytes first."""
    role = await db.role()
    limit = SCAN_ALL if role.is_superuser else SCAN_VISIBLE
    rows = await db.fetch(RelationRow, "bloat_relations", min_bytes=min_bytes, limit=limit)
    query = "bloat_widths_all" if role.is_superuser else "bloat_widths_visible"
    widths = {row.relation: row for row in await db.fetch(WidthRow, query, relations=[row.oid for row in rows])}
    found = [(row, estimate(row, widths.get(row.oid), db.version_num)) for row in rows]
    found.sort(key=lambda pair: (-(pair[1].bloat_bytes or -1), -pair[1].size_bytes))
    hidden = any(bloat.method == "none" and "visible" in bloat.reason for _, bloat in found)
    is_blind = hidden and not role.is_superuser and not role.reads_all_data
    schemas = tuple(sorted({f'"{row.schema}"' for row in rows}))
    return BloatReport(
        tables=[bloat for row, bloat in found if row.kind != "i"],
        indexes=[bloat for row, bloat in found if row.kind == "i"],
        total_bloat_bytes=sum(bloat.bloat_bytes or 0 for _, bloat in found),
        scanned=len(rows),
        warnings=(f"only the {limit} largest relations are estimated",) if len(rows) == limit else (),
        needs=(role.need_data("bloat of tables that this role may not read", schemas),) if is_blind else (),
        as_of=datetime.now(UTC),
        age_ms=0,
        cost_ms=db.cost_ms,
    )


async def count_exactly(ctx: Context[PluginState], params: BloatParams) -> BloatReport:
    """Return one relation's bloat by pgstattuple. Raises: NotFound, NotSupported, Conflict (it is locked)."""
    async with open_database(ctx, params.database, timeout_ms=EXACT_TIMEOUT_MS) as db:
        named = await db.fetch_one(NamedRow, "one_relation", name=params.exact)
        if named is None:
            raise NotFound(f"no table or index {params.exact!r}", hint="spell it schema.name", field="exact")
        if named.extension_schema is None:
            raise NotSupported("exact bloat needs the extension pgstattuple", hint="CREATE EXTENSION pgstattuple;")
        if named.is_locked:
            raise Conflict(f"{params.exact} is locked exclusively", hint="see the locks")
        query = "exact_index_bloat" if named.kind == "i" else "exact_table_bloat"
        names = {"schema": named.extension_schema}
        [row] = await db.fetch(ExactRow, query, names, relation=named.oid)
        found = Bloat(
            schema=named.schema,
            name=named.name,
            size_bytes=row.size_bytes,
            bloat_bytes=row.bloat_bytes,
            bloat_pct=round(row.bloat_bytes * 100 / row.size_bytes, 1) if row.size_bytes else 0.0,
            method="exact",
            confidence="high",
            fill_factor=90 if named.kind == "i" else 100,
        )
        return BloatReport(
            tables=[] if named.kind == "i" else [found],
            indexes=[found] if named.kind == "i" else [],
            total_bloat_bytes=row.bloat_bytes,
            scanned=1,
            as_of=datetime.now(UTC),
            age_ms=0,
            cost_ms=db.cost_ms,
        )
