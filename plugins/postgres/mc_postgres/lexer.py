"""PostgreSQL's lexical rules (its scan.l) for `mc_sql.statements`, with standard_conforming_strings on.

Read mode trusts this file: where it and the server could disagree about what is a string, it must not let a call
hide. That `standard_conforming_strings` and `client_encoding` are as assumed is checked before every statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mc_sql.statements import Token, TokenKind, syntax_error

SPACE = re.compile(r"(?:[ \t\n\r\f\v]+|--[^\n\r]*)+")
COMMENT_MARK = re.compile(r"/\*|\*/")
# Bytes above 127 are letters to the server, whatever Unicode calls them (a no-break space is part of a name).
WORD = re.compile("[A-Za-z_\u0080-\U0010ffff][A-Za-z_0-9$\u0080-\U0010ffff]*+")
DOLLAR = re.compile("\\$(?:[A-Za-z_\u0080-\U0010ffff][A-Za-z_0-9\u0080-\U0010ffff]*+)?\\$")
NUMBER = re.compile(r"(?:[0-9]++(?:\.(?!\.)[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
PARAMETER = re.compile(r"\$[0-9]+")
OPERATOR = re.compile(r"[~!@#^&|`?+\-*/%<>=]+")
PLAIN_BODY = re.compile(r"[^']*+(?:''[^']*+)*+'")
ESCAPE_BODY = re.compile(r"(?:[^'\\]++|\\.|'')*+'", re.DOTALL)
NAME_BODY = re.compile(r'[^"]*+(?:""[^"]*+)*+"')
# Two string literals with a line break between them are one; the second has the rules of the first.
CONTINUED = re.compile(r"(?:[ \t\f\v]|--[^\n\r]*)*+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*+'")
UNICODE_ESCAPE = re.compile(r"\\(?:\\|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))")

STRING_PREFIXES = frozenset({"e", "b", "x", "n"})
MAX_NAME_BYTES = 63


class PostgresDialect:
    """PostgreSQL as `mc_sql.statements` wants it."""

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the tokens of `text`. Raises: InvalidParams when it ends inside a quote or comment."""
        position, length = 0, len(text)
        while position < length:
            after = skip_blank(text, position)
            if after > position:
                position = after
                continue
            token = scan(text, position)
            yield token
            position = token.end

    def separator(self) -> PostgresSeparator:
        """Return a fresh follower for one text."""
        return PostgresSeparator()


class PostgresSeparator:
    """A `;` ends a statement, except inside parentheses (rules) and `begin atomic … end` (function bodies)."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._parentheses = 0
        self._blocks = 0
        self._first_words: list[str] = []
        self._previous = ""

    def feed(self, token: Token) -> bool:
        """Take the next token; True for a `;` that ends a statement."""
        if token.is_symbol(";") and self._parentheses == 0 and self._blocks == 0:
            self._reset()
            return True
        if token.is_symbol("("):
            self._parentheses += 1
        elif token.is_symbol(")"):
            self._parentheses = max(0, self._parentheses - 1)
        elif token.kind is TokenKind.WORD:
            self._take_word(token.value)
        self._previous = token.value if token.kind is TokenKind.WORD else ""
        return False

    def _take_word(self, word: str) -> None:
        if len(self._first_words) < 4:
            self._first_words.append(word)
        if self._blocks:
            if word == "case":
                self._blocks += 1
            elif word == "end":
                self._blocks -= 1
        elif word == "atomic" and self._previous == "begin" and self._creates_routine():
            self._blocks = 1

    def _creates_routine(self) -> bool:
        words = [word for word in self._first_words if word not in ("or", "replace")]
        return words[:1] == ["create"] and words[1:2] in (["function"], ["procedure"])


def skip_blank(text: str, position: int) -> int:
    """Return where the blanks and comments at `position` end."""
    while True:
        match = SPACE.match(text, position)
        if match:
            position = match.end()
        elif text.startswith("/*", position):
            position = skip_comment(text, position)
        else:
            return position


def skip_comment(text: str, start: int) -> int:
    """Return where the (nested) comment at `start` ends."""
    depth, position = 1, start + 2
    while depth:
        match = COMMENT_MARK.search(text, position)
        if match is None:
            raise syntax_error("unterminated /* comment", text, start)
        depth += 1 if match.group() == "/*" else -1
        position = match.end()
    return position


def scan(text: str, start: int) -> Token:
    """Return the token at `start`, which is neither blank nor comment."""
    first = text[start]
    if first == "'":
        return scan_string(text, start, start + 1, PLAIN_BODY)
    if first == '"':
        return scan_name(text, start, start + 1, is_unicode=False)
    if first == "$":
        return scan_dollar(text, start)
    match = NUMBER.match(text, start)
    if match:
        return Token(TokenKind.NUMBER, match.group(), start, match.end())
    match = WORD.match(text, start)
    if match:
        return scan_word(text, start, match.group())
    match = OPERATOR.match(text, start)
    if match:
        return scan_operator(start, match.group())
    return Token(TokenKind.SYMBOL, first, start, start + 1)


def scan_word(text: str, start: int, word: str) -> Token:
    """Return a word, or the string or quoted name whose prefix it is."""
    end = start + len(word)
    if len(word) == 1:
        if text.startswith("'", end) and word.lower() in STRING_PREFIXES:
            return scan_string(text, start, end + 1, ESCAPE_BODY if word in "eE" else PLAIN_BODY)
        if word in "uU" and text.startswith("&'", end):
            return scan_string(text, start, end + 2, PLAIN_BODY)
        if word in "uU" and text.startswith('&"', end):
            return scan_name(text, start, end + 2, is_unicode=True)
    return Token(TokenKind.WORD, clip_name(lower_ascii(word)), start, end)


def scan_string(text: str, start: int, body: int, rules: re.Pattern[str]) -> Token:
    """Return a string whose opening quote ends at `body`, with the literals that continue it."""
    value = ""
    while True:
        match = rules.match(text, body)
        if match is None:
            raise syntax_error("unterminated quoted string", text, start)
        value += match.group()[:-1].replace("''", "'")
        more = CONTINUED.match(text, match.end())
        if more is None:
            return Token(TokenKind.STRING, value, start, match.end())
        body = more.end()


def scan_name(text: str, start: int, body: int, *, is_unicode: bool) -> Token:
    """Return a quoted name whose opening quote ends at `body`."""
    match = NAME_BODY.match(text, body)
    if match is None:
        raise syntax_error("unterminated quoted identifier", text, start)
    value = match.group()[:-1].replace('""', '"')
    if is_unicode:
        value = UNICODE_ESCAPE.sub(decode_escape, value)
    return Token(TokenKind.NAME, clip_name(value), start, match.end())


def scan_dollar(text: str, start: int) -> Token:
    """Return a dollar-quoted string, a parameter, or a lone `$`."""
    match = DOLLAR.match(text, start)
    if match:
        end = text.find(match.group(), match.end())
        if end < 0:
            raise syntax_error("unterminated dollar-quoted string", text, start)
        return Token(TokenKind.STRING, text[match.end() : end], start, end + len(match.group()))
    match = PARAMETER.match(text, start)
    if match:
        return Token(TokenKind.PARAMETER, match.group(), start, match.end())
    return Token(TokenKind.SYMBOL, "$", start, start + 1)


def scan_operator(start: int, symbols: str) -> Token:
    """Return an operator; a comment that starts inside it ends it."""
    cuts = [cut for cut in (symbols.find("--", 1), symbols.find("/*", 1)) if cut > 0]
    operator = symbols[: min(cuts)] if cuts else symbols
    return Token(TokenKind.SYMBOL, operator, start, start + len(operator))


def decode_escape(match: re.Match[str]) -> str:
    """Return the character that a Unicode escape stands for."""
    digits = match.group(1) or match.group(2)
    if digits is None:
        return "\\"
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"


def lower_ascii(word: str) -> str:
    """Fold a name as the server does: ASCII letters only."""
    return word.lower() if word.isascii() else "".join(char.lower() if char < "\x80" else char for char in word)


def clip_name(name: str) -> str:
    """Cut a name where the server cuts it."""
    if len(name) * 4 <= MAX_NAME_BYTES:
        return name
    return name.encode(errors="surrogatepass")[:MAX_NAME_BYTES].decode(errors="ignore")
