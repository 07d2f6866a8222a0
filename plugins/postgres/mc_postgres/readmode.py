"""Which statements read mode admits, decided on tokens alone (the functions they call are `functions.py`'s part).

An allow-list: what is not known to be harmless is refused. The transaction is read-only as well, so this decides
about what a read-only transaction lets through.
"""

from __future__ import annotations

import re

from mc_sdk import InvalidParams
from mc_sql.statements import Statement, Token, TokenKind

READING = ("select", "with", "values", "table")
CHANGING = ("insert", "update", "delete", "merge")
EXPLAIN_WORDS = ("analyze", "analyse", "verbose")
SETTABLE = frozenset(
    {"search_path", "timezone", "datestyle", "intervalstyle", "bytea_output", "extra_float_digits", "work_mem"}
)
SETTABLE_PREFIX = "enable_"
WORK_MEM_MAX_KIB = 256 * 1024
MEMORY = re.compile(r"([0-9]+)\s*(kB|MB|GB|)")
KIB = {"": 1, "kB": 1, "MB": 1024, "GB": 1024 * 1024}

WRITE_HINT = "switch to write mode to run it; the role's own rights are the real barrier"


def refused(message: str, statement: Statement, token: Token | None = None) -> InvalidParams:
    """Return the error for text that read mode does not admit; `position` is 1-based in the whole text."""
    start = statement.start if token is None else token.start
    return InvalidParams(message, hint=WRITE_HINT, reason="read_mode", sqlstate="25006", position=start + 1)


def check_read_statement(statement: Statement) -> None:
    """Raises: InvalidParams unless the statement is of a kind that only reads."""
    kind = statement.words(1)[0]
    if kind == "explain":
        check_reading(statement, skip_explain(statement))
    elif kind in ("set", "reset"):
        check_setting(statement)
    elif kind != "show":
        check_reading(statement, 0)


def check_reading(statement: Statement, at: int) -> None:
    """Raises: InvalidParams unless the tokens from `at` are a query without data-modifying parts."""
    tokens = statement.tokens
    while at < len(tokens) and tokens[at].is_symbol("("):
        at += 1
    if at >= len(tokens) or not tokens[at].is_word(*READING):
        first = statement.text.split(None, 1)[0][:40] if at == 0 or at >= len(tokens) else tokens[at].value
        raise refused(f"read mode does not run {first.upper()} statements", statement)
    for before, token in zip(tokens[at:], tokens[at + 1 :], strict=False):
        # A data-modifying part stands at the start of a WITH query's body or after the list of them.
        if token.is_word(*CHANGING) and (before.is_symbol("(") or before.is_symbol(")")):
            raise refused(f"read mode does not run {token.value.upper()} inside WITH", statement, token)
    check_unicode_names(statement)


def check_unicode_names(statement: Statement) -> None:
    """Raises: InvalidParams for a U&"name" UESCAPE: what it means depends on words behind it."""
    for name, after in zip(statement.tokens, statement.tokens[1:], strict=False):
        if name.kind is TokenKind.NAME and after.is_word("uescape"):
            raise refused("read mode does not run names with UESCAPE", statement, name)


def skip_explain(statement: Statement) -> int:
    """Return the index of the token where the explained statement starts."""
    tokens = statement.tokens
    at = 1
    if len(tokens) > 1 and tokens[1].is_symbol("(") and not (len(tokens) > 2 and tokens[2].is_word(*READING)):
        while at < len(tokens) and not tokens[at].is_symbol(")"):
            at += 1
        return at + 1
    while at < len(tokens) and tokens[at].is_word(*EXPLAIN_WORDS):
        at += 1
    return at


def check_setting(statement: Statement) -> None:
    """Raises: InvalidParams unless a SET or RESET is about one of the harmless settings."""
    tokens = list(statement.tokens[1:])
    if statement.has_words("set") and tokens and tokens[0].is_word("local", "session"):
        tokens = tokens[1:]
    if len(tokens) > 1 and tokens[0].is_word("time") and tokens[1].is_word("zone"):
        return
    name = tokens[0].value.lower() if tokens and tokens[0].is_name else ""
    follows = tokens[1] if len(tokens) > 1 else None
    is_assignment = follows is not None and (follows.is_symbol("=") or follows.is_word("to"))
    is_known = name in SETTABLE or name.startswith(SETTABLE_PREFIX)
    if not is_known or not (is_assignment or (statement.has_words("reset") and follows is None)):
        raise refused(f"read mode does not change the setting {name or statement.text[:40]!r}", statement)
    if name == "work_mem" and is_assignment:
        check_work_mem(statement, tokens[2:])


def check_work_mem(statement: Statement, value: list[Token]) -> None:
    """Raises: InvalidParams when work_mem is set beyond what one console may take."""
    match = MEMORY.fullmatch(value[0].value.strip()) if len(value) == 1 else None
    if len(value) == 1 and value[0].is_word("default"):
        return
    if match is None or int(match.group(1)) * KIB[match.group(2)] > WORK_MEM_MAX_KIB:
        raise refused(f"read mode sets work_mem to at most {WORK_MEM_MAX_KIB // 1024}MB", statement)
