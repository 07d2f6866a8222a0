"""Which indexes the counted statements might use, decided on their texts and the catalogue's names alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mc_postgres.advice.conditions import Condition, Mention
from mc_postgres.database import quote_name
from mc_postgres.transactions import MARK
from mc_sdk import Struct

KEY_COLUMNS = 3


class StatementRow(Struct):
    """A row of `suggestion_statements.sql`."""

    query_id: str
    query: str
    calls: int
    total_ms: float


class TableRow(Struct):
    """A row of `suggestion_tables.sql`."""

    oid: int
    schema: str
    name: str
    tuples: float
    columns: list[str]

    @property
    def quoted(self) -> str:
        """The name as SQL spells it."""
        return f"{quote_name(self.schema)}.{quote_name(self.name)}"


@dataclass
class Candidate:
    """An index that some statements might use: columns compared for equality first, then at most one range."""

    table: TableRow
    equal: tuple[str, ...]
    ranged: str = ""
    calls: int = 0
    total_ms: float = 0.0
    queries: list[str] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns in order."""
        return (*self.equal, self.ranged) if self.ranged else self.equal

    @property
    def keys(self) -> str:
        """The key columns as SQL spells them."""
        return ", ".join(map(quote_name, self.columns))

    @property
    def query(self) -> str:
        """A query that would use it."""
        tests = [f"{quote_name(name)} = ${at}" for at, name in enumerate(self.equal, 1)]
        if self.ranged:
            tests.append(f"{quote_name(self.ranged)} < ${len(self.equal) + 1}")
        return f"select {MARK} * from {self.table.quoted} where {' and '.join(tests)}"


def gather(
    read: Iterable[tuple[StatementRow, list[Mention], list[Condition]]], tables: list[TableRow]
) -> list[Candidate]:
    """Return the candidates of all statements, equal ones put together, the most expensive first."""
    found: dict[tuple[int, tuple[str, ...]], Candidate] = {}
    for row, mentions, conditions in read:
        for one in candidates_of(mentions, conditions, tables):
            kept = found.setdefault((one.table.oid, one.columns), one)
            kept.calls += row.calls
            kept.total_ms += row.total_ms
            kept.queries.append(row.query)
    return sorted(found.values(), key=lambda one: -one.total_ms)


def candidates_of(mentions: list[Mention], conditions: list[Condition], tables: list[TableRow]) -> list[Candidate]:
    """Return one candidate for each table of a statement with conditions; a name that may mean two tables has none."""
    found = []
    places = [(mention, meant[0]) for mention in mentions if len(meant := meanings(mention, tables)) == 1]
    for mention, table in places:
        alone = sum(other is table for _, other in places) == 1
        own = [
            condition
            for condition in conditions
            if condition.column in table.columns
            and (
                condition.table == mention.alias
                or (not condition.table and alone and sum(condition.column in t.columns for _, t in places) == 1)
            )
        ]
        equal = tuple(dict.fromkeys(one.column for one in own if one.is_equality))[:KEY_COLUMNS]
        ranged = next((one.column for one in own if not one.is_equality and one.column not in equal), "")
        if equal or ranged:
            found.append(Candidate(table, equal, ranged))
    return found


def meanings(mention: Mention, tables: list[TableRow]) -> list[TableRow]:
    """Return the tables that a mention may mean."""
    return [one for one in tables if one.name == mention.name and mention.schema in ("", one.schema)]
