"""PostgreSQL's failures as operation errors: SQLSTATE to class, and libpq's connection texts to a reason."""

from __future__ import annotations

import re

from mc_postgres.dsn import ConnectParams
from mc_sdk import (
    JSON,
    Conflict,
    Forbidden,
    InvalidParams,
    NotFound,
    OperationError,
    TargetError,
    TargetRefused,
    TargetTimeout,
    TargetUnreachable,
)
from mc_sql.errors import SqlFault, StatementPlace, fault_facts, one_line

QUERY_CANCELED = "57014"
READ_ONLY = "25006"
CONNECTION_LOST = "connection_lost"
"""The reason of an error after which nothing more can be asked on the connection."""
INSUFFICIENT_PRIVILEGE = "42501"
TOO_MANY_CONNECTIONS = "too_many_connections"
"""The reason of an error that another connection in use would not have met."""

BY_SQLSTATE: dict[str, type[OperationError]] = {
    INSUFFICIENT_PRIVILEGE: Forbidden,
    "3D000": NotFound,
    "53300": TargetRefused,
    "55P03": Conflict,
    QUERY_CANCELED: Conflict,
}
BY_CLASS: dict[str, type[OperationError]] = {
    "08": TargetUnreachable,
    "28": TargetRefused,
    "40": Conflict,
    "53": TargetError,
    "57": TargetUnreachable,
    "58": TargetError,
    "F0": TargetError,
    "XX": TargetError,
}
"""Classes that are not about the user's own text; every other one is the user's to mend."""

HINTS = {
    "28": "check user and password of the connection",
    "53300": "wait for others to disconnect, raise max_connections, or use a connection pooler",
    READ_ONLY: "switch to write mode to change data",
    "55P03": "somebody holds a lock on it: see the sessions and what they wait for",
}
REASONS = {"28": "login_failed", "53300": TOO_MANY_CONNECTIONS, "08": CONNECTION_LOST}

CONNECT_TROUBLE: tuple[tuple[str, re.Pattern[str], type[OperationError]], ...] = (
    (
        "unknown_host",
        re.compile(r"failed to resolve host|could not translate host name|name or service not known", re.I),
        TargetUnreachable,
    ),
    ("connection_refused", re.compile(r"connection refused|no such file or directory", re.I), TargetUnreachable),
    ("connect_timeout", re.compile(r"timeout expired|timed out", re.I), TargetTimeout),
    (TOO_MANY_CONNECTIONS, re.compile(r"too many c|connection slots", re.I), TargetRefused),
    ("unknown_database", re.compile(r'database ".*" does not exist', re.I), NotFound),
    ("not_ready", re.compile(r"starting up|shutting down|in recovery|not accepting", re.I), TargetUnreachable),
    (
        "login_failed",
        re.compile(r'authentication failed|no password|pg_hba|role ".*" does not exist|not permitted to log in', re.I),
        TargetRefused,
    ),
    ("tls_failed", re.compile(r"ssl|tls|certificate", re.I), TargetRefused),
)
CONNECT_HINTS = {
    "unknown_host": "check the host name of the connection",
    "connection_refused": "check host and port of the connection, and that the server runs",
    TOO_MANY_CONNECTIONS: HINTS["53300"],
    "login_failed": HINTS["28"],
    "tls_failed": "check sslmode and the certificates of the connection",
    "not_ready": "try again in a moment",
}
SERVER_SAID = re.compile(r"FATAL:\s*(.*)")
WHERE = re.compile(r"^.*?(?:connection to server (?:at|on socket) .*? failed: )", re.S)


def sql_error(fault: SqlFault, place: StatementPlace | None = None) -> OperationError:
    """Return the operation error for what the server said, with its fields as facts."""
    kind = BY_SQLSTATE.get(fault.sqlstate) or BY_CLASS.get(fault.sqlstate[:2])
    if kind is None:
        # Without a statement of the user's the text was ours, and then so is the mistake.
        kind = InvalidParams if place is not None and fault.sqlstate else TargetError
    if fault.is_disconnect:
        kind = TargetUnreachable
    hint = HINTS.get(fault.sqlstate) or HINTS.get(fault.sqlstate[:2]) or fault.hint
    reason = REASONS.get(fault.sqlstate) or REASONS.get(fault.sqlstate[:2])
    if fault.is_disconnect and reason is None:
        reason = CONNECTION_LOST
    exc = kind(one_line(fault.message), hint=hint, reason=reason)
    return with_facts(exc, fault_facts(fault, place))


def timeout_error(fault: SqlFault, place: StatementPlace | None, limit_ms: int) -> OperationError:
    """Return the error for a statement that its time limit ended."""
    message = f"canceling statement due to statement timeout of {limit_ms} ms (statementTimeoutMs)"
    exc = TargetTimeout(message, hint="ask for less, or raise statementTimeoutMs", reason="statement_timeout")
    return with_facts(exc, fault_facts(fault, place) | {"limitMs": limit_ms})


def cancelled_error(fault: SqlFault, place: StatementPlace) -> OperationError:
    """Return the error for a statement that `query-cancel` ended."""
    return with_facts(
        Conflict("canceling statement due to user request", reason="cancelled"), fault_facts(fault, place)
    )


def with_facts(exc: OperationError, facts: dict[str, JSON]) -> OperationError:
    """Add facts to an error; the server's own hint is one of them, beside the error's."""
    exc.facts |= {name: value for name, value in facts.items() if value is not None}
    return exc


def connect_error(text: str, params: ConnectParams) -> OperationError:
    """Return the error for a connection that could not be opened; its text never holds the password."""
    reason, kind = classify_connect_failure(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no answer"]
    said = SERVER_SAID.search(text)
    detail = said.group(1) if said else WHERE.sub("", lines[-1])
    hosts = zip(params.get("host").split(","), params.get("port").split(","), strict=False)
    where = ", ".join(f"{host or 'local socket'}:{port or '5432'}" for host, port in hosts) or "local socket:5432"
    # The password is looked for in the server's part only: a short one may well be part of the host's name.
    detail = one_line(detail)
    if params.password and params.password in detail:
        detail = "the server's message repeats the password and is left out"
    message = f"ping postgres: {DESCRIPTIONS[reason].format(where=where, detail=detail)}"
    hint = CONNECT_HINTS.get(reason)
    if reason == "login_failed" and params.get("host").startswith("/") and not params.password:
        hint = "name a role in PGUSER where the host runs, or declare a connection for this server"
    return kind(message, hint=hint, reason=reason)


DESCRIPTIONS = {
    "unknown_host": "unknown host in {where}",
    "connection_refused": "connection refused by {where}",
    "connect_timeout": "no answer from {where} in time",
    TOO_MANY_CONNECTIONS: "{where} accepts no more connections: {detail}",
    "unknown_database": "{detail}",
    "not_ready": "{where} is not ready: {detail}",
    "login_failed": "{where} refuses the login: {detail}",
    "tls_failed": "no TLS connection to {where}: {detail}",
    "unreachable": "cannot connect to {where}: {detail}",
}


def classify_connect_failure(text: str) -> tuple[str, type[OperationError]]:
    """Return reason and error class for libpq's text (it has no code for these)."""
    for reason, pattern, kind in CONNECT_TROUBLE:
        if pattern.search(text):
            return reason, kind
    return "unreachable", TargetUnreachable
