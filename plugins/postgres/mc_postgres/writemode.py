"""What write mode refuses, and which statements cannot run inside its transaction; decided on tokens alone."""

from __future__ import annotations

from mc_sdk import InvalidParams
from mc_sql.statements import Statement

TRANSACTION_CONTROL: tuple[tuple[str, ...], ...] = (
    ("abort",),
    ("begin",),
    ("commit",),
    ("end",),
    ("prepare", "transaction"),
    ("release",),
    ("rollback",),
    ("savepoint",),
    ("set", "session", "characteristics"),
    ("set", "transaction"),
    ("start",),
)
ALONE: tuple[tuple[str, ...], ...] = (
    ("alter", "subscription"),
    ("alter", "system"),
    ("create", "database"),
    ("create", "subscription"),
    ("create", "tablespace"),
    ("drop", "database"),
    ("drop", "subscription"),
    ("drop", "tablespace"),
    ("vacuum",),
)
"""Statements that the server refuses inside a transaction, by their first words."""

CONCURRENT = (("create", "index"), ("create", "unique"), ("drop", "index"), ("reindex",), ("alter", "table"))
WHOLE = ("database", "schema", "system")


def check_write_statement(statement: Statement) -> None:
    """Raises: InvalidParams for transaction control: a call is one transaction, committed as a whole."""
    if any(statement.has_words(*words) for words in TRANSACTION_CONTROL):
        raise InvalidParams(
            f"transaction control is refused: {statement.words(1)[0].upper()}",
            hint="all statements of one run are one transaction, committed when all succeed",
            reason="transaction_control",
            position=statement.start + 1,
        )


def needs_autocommit(statement: Statement) -> bool:
    """Say whether the server refuses this statement inside a transaction."""
    if any(statement.has_words(*words) for words in ALONE):
        return True
    words = {token.value for token in statement.tokens if token.is_word("concurrently", "tablespace", *WHOLE)}
    if any(statement.has_words(*start) for start in CONCURRENT) and "concurrently" in words:
        return True
    if statement.has_words("reindex"):
        return not words.isdisjoint(WHOLE)
    if statement.has_words("alter", "database"):
        return "tablespace" in words
    return statement.has_words("cluster") and len(statement.tokens) == 1


def check_runs_alone(statements: list[Statement], *, is_stream: bool) -> bool:
    """Return whether the batch is one statement that runs without a transaction. Raises: InvalidParams."""
    lonely = [statement for statement in statements if needs_autocommit(statement)]
    if not lonely:
        return False
    name = " ".join(filter(None, lonely[0].words(2))).upper()
    if len(statements) == 1 and is_stream:
        return True
    remedy = "run it by query-stream" if len(statements) == 1 else "run it alone"
    raise InvalidParams(
        f"{name} cannot run in a transaction: {remedy}", reason="needs_autocommit", position=lonely[0].start + 1
    )
