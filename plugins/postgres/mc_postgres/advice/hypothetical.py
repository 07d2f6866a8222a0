"""Indexes that the statements of this database would use if there were any: tried by hypopg, never built.

The texts of others are read, not planned: each table and its compared columns become a query of our own, so that no
function of another role is run by the planner in our name.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from mc_postgres.advice.candidates import Candidate, StatementRow, TableRow, gather
from mc_postgres.advice.conditions import read_conditions
from mc_postgres.advice.rows import IndexFinding
from mc_postgres.database import Database
from mc_postgres.errors import CONNECTION_LOST, sql_error
from mc_postgres.statements.state import INSTALL_SQL, can_read, find_statements
from mc_postgres.transactions import MARK
from mc_sdk import OperationError, Struct
from mc_sql.errors import SqlFailed, one_line

NO_HYPOPG = "they need the extension hypopg, which this server does not offer"
NEEDS_HYPOPG = "they need the extension hypopg"
INSTALL_HYPOPG = "CREATE EXTENSION hypopg;"
STATEMENT_LIMIT = 200
TABLE_TUPLES = 10_000
TRIED = 20
WORTH_FACTOR, WORTH_COST = 0.5, 100.0
"""An index is suggested when the planner's cost falls below half, and by more than a hundred."""
PREPARED = "mission_control_index"
TEXT_CHARS = 120


class HypopgRow(Struct):
    """A row of `hypopg_state.sql`."""

    schema: str | None
    is_available: bool


class MadeRow(Struct):
    """A row of `hypopg_create.sql`."""

    oid: int
    size_bytes: int


class DoneRow(Struct):
    """A row of `hypopg_reset.sql`."""

    done: str | None


class Suggestions(Struct):
    """What would help, or why nothing can be said and the SQL that changes that."""

    findings: list[IndexFinding]
    note: str = ""
    sql: str = ""


async def suggest_indexes(db: Database) -> Suggestions:
    """Return the indexes that hypopg and the counted statements speak for."""
    [state] = await db.fetch(HypopgRow, "hypopg_state")
    if state.schema is None:
        if not state.is_available:
            return Suggestions(findings=[], note=NO_HYPOPG)
        return Suggestions(findings=[], note=NEEDS_HYPOPG, sql=INSTALL_HYPOPG)
    statements = await find_statements(db)
    if not can_read(statements):
        sql = INSTALL_SQL if statements.can_install else ""
        return Suggestions(findings=[], note=statements.warning, sql=sql)
    try:
        async with db.savepoint():
            return Suggestions(findings=await try_all(db, statements.names, state.schema))
    except OperationError as exc:
        if exc.facts.get("reason") == CONNECTION_LOST:
            raise
        with suppress(OperationError):
            await db.fetch(DoneRow, "hypopg_reset", {"schema": state.schema})
        return Suggestions(findings=[], note=f"they could not be tried: {one_line(exc.message)}")


async def try_all(db: Database, names: dict[str, str], hypopg: str) -> list[IndexFinding]:
    """Return what helps of the most expensive candidates."""
    rows = await db.fetch(StatementRow, "suggestion_statements", names, limit=STATEMENT_LIMIT)
    read = [(row, *read_conditions(row.query)) for row in rows]
    mentioned = sorted({mention.name for _, mentions, _ in read for mention in mentions})
    tables = await db.fetch(TableRow, "suggestion_tables", mentioned=mentioned, min_tuples=TABLE_TUPLES)
    candidates = gather(read, tables)
    trial = Trial(db, {"schema": hypopg})
    found = [await trial.judge(one) for one in candidates[:TRIED]]
    return [one for one in found if one is not None]


class Trial:
    """Tries indexes on the planner of one connection, and leaves none behind."""

    def __init__(self, db: Database, names: dict[str, str]) -> None:
        self._db, self._names = db, names

    async def judge(self, one: Candidate) -> IndexFinding | None:
        """Return the finding when the index would help, else None."""
        definition = f"create index on {one.table.quoted} ({one.keys})".replace("%%", "%")
        try:
            before, _ = await self._plan(one)
            [made] = await self._db.fetch(MadeRow, "hypopg_create", self._names, definition=definition)
            after, used = await self._plan(one)
        finally:
            await self._forget()
        if not used or after > before * WORTH_FACTOR or before - after < WORTH_COST:
            return None
        calls = "once" if one.calls == 1 else f"{one.calls:,} times"
        text = " ".join(one.queries[0].split())[:TEXT_CHARS]
        return IndexFinding(
            kind="hypothetical",
            table=f"{one.table.schema}.{one.table.name}",
            columns=one.columns,
            size_bytes=made.size_bytes,
            scans=0,
            reason=(
                f"would lower the planner's cost of finding its rows from {before:,.0f} to {after:,.0f}; statements "
                f"that ask so ran {calls} for {one.total_ms:,.0f} ms: {text}"
            ),
            ddl=f"CREATE INDEX CONCURRENTLY ON {one.table.quoted} ({one.keys});".replace("%%", "%"),
            confidence="medium",
        )

    async def _plan(self, one: Candidate) -> tuple[float, bool]:
        """Return the planner's cost, and whether a hypothetical index is used."""
        # Prepared anew each time: a kept plan does not learn of a hypothetical index.
        await self._command(f"PREPARE {PREPARED} AS {one.query}; SET {MARK} LOCAL plan_cache_mode = force_generic_plan")
        nulls = ", ".join(["NULL"] * len(one.columns))
        text = f"EXPLAIN {MARK} (FORMAT JSON) EXECUTE {PREPARED}({nulls})"
        try:
            [row] = await self._db.backend.fetch(text)
        except SqlFailed as exc:
            raise sql_error(exc.fault) from exc
        [plan] = msgspec.convert(next(iter(row.values())), list[dict[str, dict[str, object]]])
        await self._command(f"DEALLOCATE {MARK} {PREPARED}")
        root = plan["Plan"]
        return msgspec.convert(root["Total Cost"], float), "'Index Name': '<" in str(root)

    async def _command(self, text: str) -> None:
        try:
            await self._db.backend.command(text.replace("%%", "%"))
        except SqlFailed as exc:
            raise sql_error(exc.fault) from exc

    async def _forget(self) -> None:
        """Leave no index behind; a connection on which something has failed is not used again."""
        if not self._db.backend.is_in_transaction:
            self._db.backend.is_tainted = True
            return
        await self._db.fetch(DoneRow, "hypopg_reset", self._names)
