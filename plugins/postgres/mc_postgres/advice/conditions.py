"""Which columns of which tables a statement compares with given values: what an index would be asked for.

A reading of tokens, not a parser: what it does not understand it leaves out. What comes of it is only ever put to the
planner as a query of our own, so a misunderstanding costs a suggestion and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mc_postgres.lexer import PostgresDialect
from mc_sdk import OperationError
from mc_sql.statements import Token, TokenKind, split_statements

EQUAL, RANGE = ("=",), ("<", ">", "<=", ">=")
OPENING = ("where", "on")
CLOSING = (
    "select", "from", "set", "group", "order", "limit", "offset", "returning", "having", "window", "values", "union",
    "intersect", "except", "fetch", "for", "join", "left", "right", "inner", "full", "cross", "when", "case",
)  # fmt: skip
SPOILING = ("or", "case")
"""Words beside which a condition need not hold for every row of the result."""
NO_ALIAS = (*OPENING, *CLOSING, "as", "using", "natural", "lateral", "only", "tablesample", "default")
END = Token(TokenKind.SYMBOL, "", -1, -1)


@dataclass(frozen=True)
class Mention:
    """A table as a statement names it; `schema` is '' when it does not say."""

    schema: str
    name: str
    alias: str


@dataclass(frozen=True)
class Condition:
    """A column that is compared; `table` is the name or alias before its dot, or ''."""

    table: str
    column: str
    is_equality: bool


@dataclass
class _Level:
    """What stands between two parentheses."""

    is_inside: bool
    """Whether these tokens are (part of) a condition."""
    begins: bool = False
    """Whether a query of its own began here."""
    is_spoilt: bool = False
    found: list[Condition] = field(default_factory=list)


def read_conditions(text: str) -> tuple[list[Mention], list[Condition]]:
    """Return the tables of a statement and the conditions that hold for all its rows; nothing where it is not clear."""
    try:
        statements = split_statements(text, PostgresDialect())
    except OperationError:
        return [], []  # cut off in the middle
    if len(statements) != 1:
        return [], []
    tokens = statements[0].tokens
    return list(find_mentions(tokens)), find_conditions(tokens)


def find_mentions(tokens: tuple[Token, ...]) -> Iterator[Mention]:
    """Yield the tables after FROM, JOIN and UPDATE, those behind a comma included."""
    at, is_list = 0, False
    while at < len(tokens):
        token = tokens[at]
        if token.is_word("from", "join", "update") or (is_list and token.is_symbol(",")):
            is_list = token.is_word("from") or is_list
            at += 1
            if at < len(tokens) and tokens[at].is_word("only"):
                at += 1
            if at < len(tokens) and tokens[at].is_name:
                mention, at = _read_mention(tokens, at)
                yield mention
            continue
        if token.is_word("where", "group", "order", "set", "select"):
            is_list = False
        at += 1


def _read_mention(tokens: tuple[Token, ...], at: int) -> tuple[Mention, int]:
    names = [tokens[at].value]
    at += 1
    while at + 1 < len(tokens) and tokens[at].is_symbol(".") and tokens[at + 1].is_name:
        names.append(tokens[at + 1].value)
        at += 2
    if at < len(tokens) and tokens[at].is_word("as"):
        at += 1
    alias = names[-1]
    if at < len(tokens) and tokens[at].is_name and not tokens[at].is_word(*NO_ALIAS):
        alias = tokens[at].value
        at += 1
    return Mention(names[-2] if len(names) > 1 else "", names[-1], alias), at


def find_conditions(tokens: tuple[Token, ...]) -> list[Condition]:
    """Return the comparisons with values that hold for every row, in order."""
    levels = [_Level(is_inside=False)]
    kept: list[Condition] = []
    for at, token in enumerate(tokens):
        level = levels[-1]
        if token.is_symbol("("):
            is_negated = at > 0 and tokens[at - 1].is_word("not")
            levels.append(_Level(is_inside=level.is_inside, is_spoilt=is_negated))
        elif token.is_symbol(")") and len(levels) > 1:
            levels.pop()
            # A query of its own has its own rows; otherwise the parenthesis is part of the condition around it.
            _keep(level, kept if level.begins else levels[-1].found)
        elif token.is_word(*OPENING):
            level.is_inside = True
        elif token.is_word(*CLOSING):
            level.is_inside = False
            level.begins = level.begins or token.is_word("select")
        if token.is_word(*SPOILING):
            level.is_spoilt = True
        if level.is_inside and (condition := _read_condition(tokens, at)):
            level.found.append(condition)
    while levels:
        _keep(levels.pop(), kept)
    return kept


def _keep(level: _Level, target: list[Condition]) -> None:
    if not level.is_spoilt:
        target += level.found


def _read_condition(tokens: tuple[Token, ...], at: int) -> Condition | None:
    """Return the condition whose operator is at `at`."""
    token = tokens[at]
    is_in = token.is_word("in") and at + 2 < len(tokens) and tokens[at + 1].is_symbol("(")
    is_between = token.is_word("between")
    if not (is_in or is_between or (token.kind is TokenKind.SYMBOL and token.value in EQUAL + RANGE)):
        return None
    behind = tokens[at + 2] if is_in else tokens[at + 1] if at + 1 < len(tokens) else END
    is_any = behind.is_word("any")
    if not (is_any or behind.kind in (TokenKind.PARAMETER, TokenKind.NUMBER, TokenKind.STRING)):
        return None
    names: list[str] = []
    before = at - 1
    while before >= 0 and tokens[before].is_name and len(names) < 3:
        names.insert(0, tokens[before].value)
        if before < 1 or not tokens[before - 1].is_symbol("."):
            break
        before -= 2
    if not names or tokens[at - 1].is_word("not") or (before > 0 and tokens[before - 1].is_word("not")):
        return None
    return Condition(names[-2] if len(names) > 1 else "", names[-1], is_equality=token.value in EQUAL or is_in)
