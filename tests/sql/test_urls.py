"""Connection URLs: tolerant reading, exact writing, secrets kept out of texts."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mc_sql.urls import BadUrl, ConnectionUrl, parse_url

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@given(WORDS, WORDS, WORDS)
def test_an_encoded_url_is_read_as_it_was_meant(user: str, password: str, database: str) -> None:
    text = f"x://{quote(user, safe='')}:{quote(password, safe='')}@h:5/{quote(database, safe='')}?a=b"
    url = parse_url(text)
    assert (url.user, url.password, url.database) == (user, password, database)
    assert parse_url(url.render()) == url


@given(WORDS, WORDS)
def test_a_raw_password_is_read_when_the_host_names_it(user: str, password: str) -> None:
    url = parse_url(f"x://{user}:{password}@h:5/db", user=user, password=password)
    assert (url.user, url.password, url.hosts) == (user, password, (("h", "5"),))


@pytest.mark.parametrize(
    ("text", "hosts", "database"),
    [
        ("x://h", (("h", ""),), ""),
        ("x://h:1,g/db", (("h", "1"), ("g", "")), "db"),
        ("x://[::1]:5/db", (("::1", "5"),), "db"),
        ("x:///db", (), "db"),
        ("x://u:p@/db", (), "db"),
        ("x://%2Frun%2Fpg/db", (("/run/pg", ""),), "db"),
        ("x://h/a%20b?c=d@e", (("h", ""),), "a b"),
    ],
)
def test_hosts_and_database_are_found(text: str, hosts: tuple[tuple[str, str], ...], database: str) -> None:
    url = parse_url(text)
    assert (url.hosts, url.database) == (hosts, database)
    assert parse_url(url.render()) == url


@pytest.mark.parametrize("text", ["no scheme", "x://ho st", "x://u:secret@h:port/db", "x://[::1"])
def test_what_cannot_be_read_is_not_repeated(text: str) -> None:
    with pytest.raises(BadUrl) as caught:
        parse_url(text)
    assert "secret" not in str(caught.value)


def test_a_url_does_not_show_its_password() -> None:
    assert "secret" not in repr(ConnectionUrl("x", "u", "secret"))
