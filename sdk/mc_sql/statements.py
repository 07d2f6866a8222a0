"""Splits SQL text into statements with tokens; what a token is, and what ends a statement, a dialect says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from mc_sdk import InvalidParams


class TokenKind(StrEnum):
    """What a piece of SQL is; white space and comments are no tokens."""

    WORD = "word"
    """An unquoted keyword or name; `value` is lower case."""
    NAME = "name"
    """A quoted name; `value` is what it stands for."""
    STRING = "string"
    NUMBER = "number"
    PARAMETER = "parameter"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of SQL at `start:end` of the whole text."""

    kind: TokenKind
    value: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Say whether this is one of `words`, written without quotes."""
        return self.kind is TokenKind.WORD and self.value in words

    def is_symbol(self, symbol: str) -> bool:
        """Say whether this is the punctuation or operator `symbol`."""
        return self.kind is TokenKind.SYMBOL and self.value == symbol

    @property
    def is_name(self) -> bool:
        """Whether this can be (part of) the name of something."""
        return self.kind is TokenKind.WORD or self.kind is TokenKind.NAME


@dataclass(frozen=True)
class Statement:
    """One statement: its text as it is sent, where that starts in the whole text, and its tokens."""

    text: str
    start: int
    tokens: tuple[Token, ...] = field(repr=False)

    def words(self, count: int) -> tuple[str, ...]:
        """Return the first `count` tokens as lower-case words; a token that is no plain word is ''."""
        return tuple(token.value if token.kind is TokenKind.WORD else "" for token in self.tokens[:count])

    def has_words(self, *words: str) -> bool:
        """Say whether the statement starts with these words."""
        return self.words(len(words)) == words


class Separator(Protocol):
    """Follows the tokens of a text and tells which of them end a statement."""

    def feed(self, token: Token) -> bool:
        """Take the next token; True when it separates two statements (and belongs to neither)."""


class Dialect(Protocol):
    """The lexical rules of one kind of server."""

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the tokens of `text`. Raises: InvalidParams when it ends inside a quote or comment."""

    def separator(self) -> Separator:
        """Return a fresh follower for one text."""


def split_statements(text: str, dialect: Dialect) -> list[Statement]:
    """Return the statements of `text` without separators, surrounding blanks and comments; empty ones are left out."""
    statements: list[Statement] = []
    current: list[Token] = []
    separator = dialect.separator()
    for token in dialect.tokens(text):
        if separator.feed(token):
            _take(text, current, statements)
            current = []
        else:
            current.append(token)
    _take(text, current, statements)
    return statements


def _take(text: str, tokens: list[Token], statements: list[Statement]) -> None:
    if tokens:
        start = tokens[0].start
        statements.append(Statement(text[start : tokens[-1].end], start, tuple(tokens)))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of the character at `offset`."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def syntax_error(message: str, text: str, offset: int) -> InvalidParams:
    """Return an error that points at `offset`, with the facts that a server's own syntax error has."""
    line, column = line_and_column(text, offset)
    return InvalidParams(message, sqlstate="42601", severity="ERROR", position=offset + 1, line=line, column=column)


def check_text(text: str) -> None:
    """Raises: InvalidParams for text that a server would read otherwise than we do."""
    if not text.strip():
        raise InvalidParams("statement is required", field="statement")
    nul = text.find("\0")
    if nul >= 0:
        raise syntax_error("the statement contains a NUL character", text, nul)
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise syntax_error("the statement contains half a surrogate pair", text, exc.start) from exc
