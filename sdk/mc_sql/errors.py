"""What a database says went wrong, as plain values, and the facts that a console shows of it."""

from __future__ import annotations

from dataclasses import dataclass

from mc_sdk import JSON, OperationError
from mc_sql.statements import Statement, line_and_column


@dataclass(frozen=True)
class SqlFault:
    """The fields of a database's error, whatever the driver; empty or None when the database sent none."""

    message: str
    sqlstate: str = ""
    severity: str = "ERROR"
    detail: str | None = None
    hint: str | None = None
    position: int | None = None
    """1-based character in the statement that was sent."""
    schema: str | None = None
    table: str | None = None
    column_name: str | None = None
    constraint: str | None = None
    is_disconnect: bool = False
    """The connection is gone, so that nothing more can be asked on it."""


@dataclass(frozen=True)
class StatementPlace:
    """Where in the text that the user sent a statement stands."""

    text: str
    statement: Statement
    index: int


def fault_facts(fault: SqlFault, place: StatementPlace | None = None) -> dict[str, JSON]:
    """Return the facts of a fault; position, line and column count in the user's whole text."""
    facts: dict[str, JSON] = {
        "sqlstate": fault.sqlstate or None,
        "severity": fault.severity,
        "detail": fault.detail,
        "hint": fault.hint,
        "schema": fault.schema,
        "table": fault.table,
        "columnName": fault.column_name,
        "constraint": fault.constraint,
    }
    if place is not None:
        facts["statementIndex"] = place.index
        if fault.position is not None:
            facts |= locate(place.text, place.statement.start + fault.position - 1)
    return facts


def locate(text: str, offset: int) -> dict[str, JSON]:
    """Return position, line and column (all 1-based) of the character at `offset`."""
    line, column = line_and_column(text, offset)
    return {"position": offset + 1, "line": line, "column": column}


def place_error(exc: OperationError, place: StatementPlace) -> OperationError:
    """Complete an error that was raised before the server saw the statement: its index, line and column."""
    exc.facts.setdefault("statementIndex", place.index)
    position = exc.facts.get("position")
    if isinstance(position, int) and "line" not in exc.facts:
        exc.facts |= locate(place.text, position - 1)
    return exc


def one_line(text: str) -> str:
    """Return a message without line breaks."""
    return " ".join(text.split())


class SqlFailed(Exception):
    """A driver's report that the database refused or broke something; the plugin turns it into an OperationError."""

    def __init__(self, fault: SqlFault) -> None:
        super().__init__(fault.message)
        self.fault = fault
