"""Connection strings: the reference's eight rows, what they got wrong, and passwords of every kind."""

from __future__ import annotations

import pytest

from mc_postgres.dsn import connect_params, parse_connection, with_database
from mc_sdk import InvalidParams

PASSWORD = "p@:/#?% +'x"


@pytest.mark.parametrize(
    ("text", "database", "expected"),
    [
        (
            "postgres://user:pw@host:5432/postgres?sslmode=disable",
            "appdb",
            "postgres://user:pw@host:5432/appdb?sslmode=disable",
        ),
        (
            "postgres://user@host/postgres?application_name=mc&dbname=old",
            "newdb",
            "postgres://user@host/newdb?application_name=mc",
        ),
        ("postgres://host/postgres", "my db", "postgres://host/my%20db"),
        ("postgres://host/postgres", "tenant/app", "postgres://host/tenant%2Fapp"),
        (
            "host=localhost user=postgres dbname=postgres sslmode=disable",
            "appdb",
            "host=localhost user=postgres dbname=appdb sslmode=disable",
        ),
        ("host=localhost user=postgres", "appdb", "host=localhost user=postgres dbname=appdb"),
        ("host=localhost user=postgres", "tenant app", "host=localhost user=postgres dbname='tenant app'"),
        ("host=localhost user=postgres", "team's app", "host=localhost user=postgres dbname='team\\'s app'"),
        ("dbname='x y' password='a  b' host=h", "z", "dbname=z password='a  b' host=h"),
        ("dbname = x host = h", "z", "dbname=z host = h"),
        ("postgres://u:p@h1:1,h2:2/db", "x", "postgres://u:p@h1:1,h2:2/x"),
        ("postgresql://u@[::1]:5/db", "x", "postgresql://u@[::1]:5/x"),
    ],
)
def test_a5_another_database_on_the_same_server(text: str, database: str, expected: str) -> None:
    assert with_database(text, database) == expected
    assert parse_connection(expected)["dbname"] == database


@pytest.mark.parametrize("text", ["postgres://h/db", "host=h"])
def test_a5_an_empty_database_is_refused(text: str) -> None:
    with pytest.raises(InvalidParams):
        with_database(text, "")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("postgres://us:p%40%3A%2F%23%3F%25%20%2B%27x@host:5432/db", {}),
        (f"postgres://us:{PASSWORD}@host:5432/db?sslmode=disable", {"user": "us", "password": PASSWORD}),
        (f"postgres://us:{PASSWORD}@host:5432/db", {}),
        ("postgres://host:5432/db", {"user": "us", "password": PASSWORD}),
        ("postgres://us@host:5432/db", {"password": PASSWORD}),
        ("host=host port=5432 dbname=db user=us password='p@:/#?% +\\'x'", {}),
        ("host=host port=5432 dbname=db", {"user": "us", "password": PASSWORD}),
    ],
)
def test_a3_a_password_with_every_special_character(text: str, fields: dict[str, str]) -> None:
    params = parse_connection(text, **fields)
    assert (params["user"], params["password"]) == ("us", PASSWORD)
    assert (params["host"], params["port"], params["dbname"]) == ("host", "5432", "db")


def test_a5_socket_folder_and_settings_and_other_drivers_words() -> None:
    text = "postgres:///db?host=/var/run&search_path=x,y&pool_max_conns=4&default_query_exec_mode=exec&options=-c+a"
    params = connect_params(parse_connection(text))
    assert params.get("host") == "/var/run"
    assert params.get("options") == "-c a"
    assert params.settings == (("search_path", "x,y"),)


def test_a_second_question_mark_starts_another_parameter() -> None:
    params = parse_connection("postgres://h/db?search_path=x?sslmode=disable")
    assert (params["search_path"], params["sslmode"]) == ("x", "disable")


def test_nothing_that_libpq_would_look_for_elsewhere_is_left_open() -> None:
    params = connect_params(parse_connection("postgres://h/db?passfile=/x&service=y&application_name=z"))
    assert params.get("passfile") == "/dev/null"
    assert params.get("service") == ""
    assert params.get("application_name") == "mission-control-postgres"
    assert params.get("connect_timeout") == "10"


@pytest.mark.parametrize(
    "text", ["postgres://u:secret@ho st/db", "nonsense secret", "=secret", "postgres://u:secret@h:x/db"]
)
def test_what_cannot_be_read_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        parse_connection(text)
    assert "secret" not in str(caught.value)


def test_another_kind_of_server_is_named() -> None:
    with pytest.raises(InvalidParams, match='requires a postgres SQL connection, got "mysql"'):
        parse_connection("mysql://u:p@h/db")
