"""PostgreSQL servers of this machine, found by their sockets: a real one comes and goes."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from mc_host.catalog.sources.postgres_servers import PostgresServerSource, Server, from_environment, list_sockets
from mc_sql.testing import PostgresServer, ServerUnavailable, list_majors


@pytest.fixture
def server() -> PostgresServer:
    majors = list_majors()
    if not majors:
        pytest.skip("no PostgreSQL server can be run here")
    try:
        return PostgresServer(majors[-1])
    except ServerUnavailable as exc:
        pytest.skip(str(exc))


def test_running_server_is_found_with_a_connection_to_it_and_gone_when_it_stops(server: PostgresServer) -> None:
    source = PostgresServerSource({})
    here = Server(str(server.socket_dir), server.port)
    with server:
        assert here in source.look()
        item, connection = source.item(here), source.connection(here)
        assert (item.type, item.name, item.health) == ("PostgreSQL::Server", f"postgres {server.port}", "healthy")
        assert item.connection == f"connection://{connection.namespace}/{connection.name}"
        assert item.id == PostgresServerSource({}).item(here).id
        import psycopg

        url = f"{connection.spec.url}&user=su&dbname=app"
        with psycopg.connect(url.replace("/postgres?", "/?")) as db:
            assert db.execute("select 1").fetchone() == (1,)
    assert here not in source.look()


def test_socket_that_nobody_listens_on_is_not_a_server(tmp_path: Path) -> None:
    table = tmp_path / "unix"
    head = "Num       RefCount Protocol Flags    Type St Inode Path\n"
    listening = f"0000: 00000002 00000000 00010000 0001 01 20 {tmp_path}/.s.PGSQL.5432\n"
    connected = f"0000: 00000003 00000000 00000000 0001 03 21 {tmp_path}/.s.PGSQL.5433\n"
    foreign = f"0000: 00000002 00000000 00010000 0001 01 22 {tmp_path}/other.sock\n"
    table.write_text(head + listening + connected + foreign)
    assert list_sockets(table) == [Server(str(tmp_path), 5432)]
    assert list_sockets(tmp_path / "absent") == []


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, None),
        ({"PGHOST": "db.internal"}, Server("db.internal", 5432, is_environment=True)),
        ({"PGHOST": "/run/pg", "PGPORT": "6000"}, Server("/run/pg", 6000, is_environment=True)),
        ({"PGHOST": "a,b"}, None),
        ({"PGHOST": "a", "PGPORT": "none"}, None),
    ],
)
def test_environment_names_a_server(environ: dict[str, str], found: Server | None) -> None:
    assert from_environment(environ) == found


@pytest.mark.parametrize(
    ("environ", "user"),
    [
        ({"PGUSER": "ann"}, "ann"),
        ({"PGUSER": "ann", "PGPORT": "6000"}, getpass.getuser()),
        ({"PGUSER": "ann", "PGHOST": "/run/postgresql"}, "ann"),
        ({"PGUSER": "ann", "PGHOST": "db"}, getpass.getuser()),
    ],
)
def test_login_of_the_environment_is_for_the_server_it_means(environ: dict[str, str], user: str) -> None:
    found = Server("/run/postgresql", 5432)
    spec = PostgresServerSource({**environ, "PGPASSWORD": "hunter2"}).connection(found).spec
    assert (spec.username, bool(spec.password)) == (user, user == "ann")


def test_password_of_the_environment_is_referred_to_and_not_copied() -> None:
    environ = {"PGHOST": "db", "PGUSER": "ann", "PGPASSWORD": "hunter2", "PGDATABASE": "a b", "PGSSLMODE": "require"}
    source = PostgresServerSource(environ)
    server = from_environment(environ)
    assert server is not None
    spec = source.connection(server).spec
    assert spec.url == "postgres://db:5432/a%20b?sslmode=require"
    assert spec.username == "ann"
    assert "hunter2" not in f"{spec.url} {spec.password} {source.item(server)}"
