"""The driver's errors and results as plain values."""

from __future__ import annotations

import psycopg
from psycopg import pq

from mc_sql.errors import SqlFault

SERVER_GOODBYES = ("57P01", "57P02", "57P03", "57P05")
"""A server that says one of these closes the connection next."""


def fault_of_result(result: pq.abc.PGresult, is_disconnect: bool) -> SqlFault:
    """Return the error that a result carries."""
    return fault_of(psycopg.errors.error_from_result(result), is_disconnect=is_disconnect)


def fault_of(exc: psycopg.Error, *, is_disconnect: bool) -> SqlFault:
    """Return a driver's error as plain values."""
    found = exc.diag
    is_disconnect = is_disconnect or (found.sqlstate or "") in SERVER_GOODBYES
    return SqlFault(
        message=found.message_primary or str(exc) or "the connection was lost",
        sqlstate=found.sqlstate or ("08006" if is_disconnect else ""),
        severity=found.severity_nonlocalized or found.severity or "ERROR",
        detail=found.message_detail,
        hint=found.message_hint,
        position=int(found.statement_position) if found.statement_position else None,
        schema=found.schema_name,
        table=found.table_name,
        column_name=found.column_name,
        constraint=found.constraint_name,
        is_disconnect=is_disconnect,
    )
