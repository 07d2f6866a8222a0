"""The lexer against tables of tricky text, against invariants, and against a real server's reading of literals."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mc_postgres.functions import list_names
from mc_postgres.lexer import PostgresDialect, skip_blank
from mc_sdk import InvalidParams
from mc_sql.statements import TokenKind, line_and_column, split_statements
from mc_sql.testing import PostgresServer

DIALECT = PostgresDialect()


def split(text: str) -> list[str]:
    """Return the statements' texts."""
    return [statement.text for statement in split_statements(text, DIALECT)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1; select 2", ["select 1", "select 2"]),
        (" ;; select 1 ;; ", ["select 1"]),
        ("-- a; b\nselect 1 -- c;\n; select 2", ["select 1", "select 2"]),
        ("/* a; /* b; */ c; */ select 1", ["select 1"]),
        ("select ';', E'\\';', $$;$$, $a$;$b$;$a$, \";\"", ["select ';', E'\\';', $$;$$, $a$;$b$;$a$, \";\""]),
        ("select 'x\\'; select 2", ["select 'x\\'", "select 2"]),
        ("select 'it''s;'; select 2", ["select 'it''s;'", "select 2"]),
        ("select E'a'\n'\\';' ; select 2", ["select E'a'\n'\\';'", "select 2"]),
        ("select E'a' '\\'; select 2", ["select E'a' '\\'", "select 2"]),
        ("select a$b$c; select $b$;$b$", ["select a$b$c", "select $b$;$b$"]),
        ("select $1$2; select 3", ["select $1$2", "select 3"]),
        ("select U&'\\0027;'; select 2", ["select U&'\\0027;'", "select 2"]),
        ('select U&"a;b" ; select 2', ['select U&"a;b"', "select 2"]),
        ("select 1 +-- ; \n 2; select 3", ["select 1 +-- ; \n 2", "select 3"]),
        ("select 1 */* ; */ 2; select 3", ["select 1 */* ; */ 2", "select 3"]),
        (
            "create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3",
            [
                "create function f() returns int begin atomic select case when true then 1 end; select 2; end",
                "select 3",
            ],
        ),
        (
            "create or replace procedure p() begin atomic insert into t values (1); end; call p()",
            ["create or replace procedure p() begin atomic insert into t values (1); end", "call p()"],
        ),
        ("create rule r as on insert to t do (select 1; select 2); x", None),
        ("begin; atomic; end", ["begin", "atomic", "end"]),
        ("select '\u00a0;', \u00e9tat; x", ["select '\u00a0;', \u00e9tat", "x"]),
    ],
)
def test_split_finds_the_statements(text: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = ["create rule r as on insert to t do (select 1; select 2)", "x"]
    assert split(text) == expected


@pytest.mark.parametrize(
    "text", ["select 'a", 'select "a', "select $$a", "select $a$ $b$", "/* a /* b */", "select E'\\'"]
)
def test_split_refuses_what_never_ends(text: str) -> None:
    with pytest.raises(InvalidParams, match="unterminated") as caught:
        split(text)
    assert caught.value.facts["sqlstate"] == "42601"
    assert caught.value.facts["line"] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select f(1)", [("", "f")]),
        ("select F (1)", [("", "f")]),
        ('select "F"(1)', [("", "F")]),
        ("select a.f(1), b . /* x */ g -- y\n (2)", [("a", "f"), ("b", "g")]),
        ("select x.a.f(1)", [("", "a"), ("a", "f")]),
        ('select "a""b"."c"(1)', [('a"b', "c")]),
        ('select U&"\\0066"(1), U&"\\+000066"(1)', [("", "f"), ("", "f")]),
        ("values ((1).f), (a . g), (b.h(1)), (c.*)", [("", "values"), ("", "f"), ("", "g"), ("b", "h")]),
        ("select 'f(1)', $$g(1)$$, E'h(1)' /* i(1) */ -- j(1)", []),
        ("select E'a'\n'\\', f(1) --'", []),
        ("select 'a'\n'\\', f(1) --'", [("", "f")]),
    ],
)
def test_called_names_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    [statement] = split_statements(text, DIALECT)
    assert [(use.schema, use.name) for use in list_names(statement) if use.is_call] == expected


def test_names_are_cut_where_the_server_cuts_them() -> None:
    [statement] = split_statements(f"select {'a' * 80}()", DIALECT)
    assert list_names(statement)[-1].name == "a" * 63


def test_line_and_column_count_from_one() -> None:
    assert line_and_column("a\nbc", 3) == (2, 2)


PIECES = st.sampled_from(
    [
        "'",
        '"',
        "$$",
        "$a$",
        "E'",
        "U&'",
        "\\",
        "--",
        "/*",
        "*/",
        "\n",
        " ",
        ";",
        "(",
        ")",
        "a",
        "1",
        "é",
        ".",
        "+",
        "$1",
        "''",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_tokens_cover_everything_but_blanks_and_comments(text: str) -> None:
    try:
        tokens = list(DIALECT.tokens(text))
    except InvalidParams:
        return
    position = 0
    for token in tokens:
        assert skip_blank(text, position) == token.start
        assert token.start < token.end
        position = token.end
    assert skip_blank(text, position) == len(text)
    joined = "".join(statement.text for statement in split_statements(text, DIALECT))
    assert len(joined) <= len(text)


BODIES = st.text(alphabet="a'\"\\$;-/*(\n é", max_size=12)


def spell(body: str, style: str) -> str:
    """Return a literal that means `body`."""
    if style == "plain":
        return "'" + body.replace("'", "''") + "'"
    if style == "escape":
        return "E'" + body.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
    if style == "continued":
        half = len(body) // 2
        first, second = (part.replace("\\", "\\\\").replace("'", "''") for part in (body[:half], body[half:]))
        return f"E'{first}' -- ' ;\n  '{second}'"
    return f"$q${body}$q$"


@given(st.lists(st.tuples(BODIES, st.sampled_from(["plain", "escape", "continued", "dollar"])), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_server_reads_literals_as_the_lexer_does(server: PostgresServer, literals: list[tuple[str, str]]) -> None:
    text = "select " + ", ".join(f"{spell(body, style)} /* ; */" for body, style in literals)
    [statement] = split_statements(text, DIALECT)
    strings = [token for token in statement.tokens if token.kind is TokenKind.STRING]
    assert len(strings) == len(literals)
    assert server.run(statement.text) == [tuple(body for body, _ in literals)]
