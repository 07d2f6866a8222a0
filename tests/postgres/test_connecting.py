"""Connections that fail, each in its own words; a server that goes and comes back; a pooler in between."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from psycopg import errors as driver_errors

from mc_postgres.dsn import connect_params, parse_connection
from mc_postgres.errors import BY_CLASS, BY_SQLSTATE, connect_error, sql_error
from mc_sdk import InvalidParams, OperationError, TargetRefused, TargetUnreachable
from mc_sdk.testing import PluginHarness
from mc_sql.errors import SqlFault, StatementPlace
from mc_sql.statements import Statement
from mc_sql.testing import PostgresServer, free_port, password_of
from tests.fixtures.fix_postgres import DEFAULT_MAJOR, OWN_BACKENDS, OnServer, ServerPark, plugin_on, wait_until_none

SECRET = "very-secret-42"
SLEEPING = "query like 'select pg_sleep%' and state = 'active'"
NOT_YET_SLEEPING = f"select 1 - least(1, count(*)) from pg_stat_activity where {SLEEPING}"


async def trouble(server: PostgresServer, url: str) -> OperationError:
    """Return the error of a call through `url`."""
    async with plugin_on(server, url=url) as plugin:
        with pytest.raises(OperationError) as caught:
            await plugin.call("stats")
    return caught.value


async def test_a22_four_troubles_have_four_messages_without_the_password(server: PostgresServer) -> None:
    good = f"127.0.0.1:{server.port}"
    urls = {
        "login_failed": f"postgres://su:{SECRET}@{good}/app",
        "unknown_host": f"postgres://su:{SECRET}@no-such-host.invalid/app",
        "connection_refused": f"postgres://su:{SECRET}@127.0.0.1:{free_port()}/app",
        "tls_failed": f"postgres://su:{SECRET}@{good}/app?sslmode=require",
    }
    found = {reason: await trouble(server, url) for reason, url in urls.items()}
    assert {reason: exc.facts["reason"] for reason, exc in found.items()} == {reason: reason for reason in urls}
    assert len({exc.message for exc in found.values()}) == 4
    assert all(exc.http_status == 502 for exc in found.values())
    for exc in found.values():
        shown = f"{exc.message} {exc.hint} {exc.facts}"
        assert SECRET not in shown
        assert "postgres://" not in shown
    assert isinstance(found["login_failed"], TargetRefused)


async def test_a22_a_certificate_that_does_not_fit_is_a_tls_trouble(tls_server: PostgresServer, tmp_path: Path) -> None:
    url = tls_server.url(query=f"sslmode=verify-full&sslrootcert={tls_server.root_certificate}")
    async with plugin_on(tls_server, url=url) as plugin:
        result = await plugin.rows("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
        assert result == [[True]]
    with PostgresServer(DEFAULT_MAJOR, tls=True) as foreign:
        shutil.copy(foreign.root_certificate, tmp_path / "foreign.crt")
    exc = await trouble(tls_server, tls_server.url(query=f"sslmode=verify-full&sslrootcert={tmp_path}/foreign.crt"))
    assert exc.facts["reason"] == "tls_failed"
    assert "certificate" in exc.message


@pytest.fixture
def tls_server() -> Iterator[PostgresServer]:
    """A server that speaks TLS."""
    with PostgresServer(DEFAULT_MAJOR, tls=True) as found:
        yield found


@pytest.fixture
def small_server() -> Iterator[PostgresServer]:
    """A server with few connections that a test may stop."""
    with PostgresServer(DEFAULT_MAJOR, settings={"max_connections": 5, "superuser_reserved_connections": 1}) as found:
        yield found


async def test_a_full_server_says_so(small_server: PostgresServer) -> None:
    held = [small_server.connect("plain") for _ in range(4)]
    exc = await trouble(small_server, small_server.url("plain"))
    for connection in held:
        connection.close()
    assert exc.facts["reason"] == "too_many_connections"
    assert "no more connections" in exc.message


async def test_a_full_server_keeps_one_connections_worth_of_work_going(small_server: PostgresServer) -> None:
    async with plugin_on(small_server, user="plain") as plugin:
        await plugin.rows("select 1")
        held = [small_server.connect("plain") for _ in range(3)]
        answers = await asyncio.gather(*(plugin.rows("select pg_sleep(0.02)") for _ in range(8)))
        assert len(answers) == 8
        overview = await plugin.call("overview")
        assert overview["findings"][0]["kind"] == "connections"
        assert overview["exit"] == 2
        for connection in held:
            connection.close()


async def test_a_restarted_server_is_found_again(small_server: PostgresServer) -> None:
    async with plugin_on(small_server) as plugin:
        await asyncio.gather(*(plugin.rows("select pg_sleep(0.05)") for _ in range(3)))
        small_server.stop()
        with pytest.raises(TargetUnreachable, match="connection refused"):
            await plugin.rows("select 1")
        small_server.start()
        assert await plugin.rows("select 1") == [[1]]


async def test_a_server_that_stops_in_the_middle_is_reported(small_server: PostgresServer) -> None:
    async with plugin_on(small_server) as plugin:
        slow = asyncio.ensure_future(plugin.rows("select pg_sleep(30)"))
        await asyncio.to_thread(wait_until_none, small_server, NOT_YET_SLEEPING)
        small_server.stop()
        with pytest.raises(TargetUnreachable):
            await slow
        small_server.start()
        assert await plugin.rows("select 1") == [[1]]


@pytest.mark.parametrize("variable", ["PGHOST", "PGPASSWORD", "PGOPTIONS", "PGSERVICE", "PGSSLMODE", "PGPASSFILE"])
async def test_the_environment_of_libpq_does_not_leak(
    server: PostgresServer, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, {"PGSSLMODE": "require", "PGOPTIONS": "-c work_mem=1"}.get(variable, "nowhere"))
    async with plugin_on(server) as plugin:
        assert await plugin.rows("select 1") == [[1]]


async def test_the_environment_does_not_supply_a_missing_password(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", password_of("su"))
    exc = await trouble(server, f"postgres://su@127.0.0.1:{server.port}/app")
    assert exc.facts["reason"] == "login_failed"


async def test_a_login_over_a_socket_that_names_no_role_says_where_to_name_one(server: PostgresServer) -> None:
    exc = await trouble(server, f"postgres:///app?host={server.socket_dir}&port={server.port}&user=nobody_here")
    assert exc.facts["reason"] == "login_failed" and "PGUSER" in str(exc.hint)


async def test_a_dead_plugin_process_leaves_no_backend(park: ServerPark) -> None:
    server = park.get(16)
    code = (
        "import asyncio, sys\n"
        "from mc_postgres.connections import connect\n"
        "from mc_postgres.dsn import connect_params, parse_connection\n"
        "from mc_postgres.transactions import Mode, TransactionPlan, begin\n"
        "async def main():\n"
        "    backend = await connect(connect_params(parse_connection(sys.argv[1])))\n"
        "    await begin(backend, TransactionPlan(Mode.READ, 60000))\n"
        "    await backend.send('select pg_sleep(60)')\n"
        "    print('sent', flush=True)\n"
        "    await backend.receive()\n"
        "asyncio.run(main())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, server.url()], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"sent\n"
    process.kill()
    process.wait()
    process.stdout.close()
    started = time.monotonic()
    wait_until_none(server, OWN_BACKENDS, timeout_s=2.0)
    assert time.monotonic() - started < 2.0


async def test_a7_many_calls_at_once_stay_within_the_caps(server: PostgresServer) -> None:
    names = [f"many{number}" for number in range(10)]
    for name in names:
        server.run(f"create database {name}", "postgres")
    async with plugin_on(server) as plugin:
        watching = server.connect()
        peak = 0

        async def watch(done: asyncio.Event) -> None:
            nonlocal peak
            while not done.is_set():
                row = watching.execute(OWN_BACKENDS).fetchone()
                peak = max(peak, int(row[0]) if row else 0)
                await asyncio.sleep(0.05)

        done = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(watch(done))
            calls = [plugin.call("sessions-list", database=names[number % 10]) for number in range(200)]
            results = await asyncio.gather(*calls)
            done.set()
        watching.close()
    assert len(results) == 200
    assert 1 <= peak <= 20
    wait_until_none(server, OWN_BACKENDS)
    for name in names:
        server.run(f"drop database {name}", "postgres")


@pytest.fixture
async def pooled(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OnServer]:
    """The plugin behind PgBouncer in transaction mode."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    folder = tmp_path_factory.mktemp("pgbouncer")
    port = free_port()
    (folder / "users").write_text(f'"su" "{password_of("su")}"\n')
    (folder / "config").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = plain\nauth_file = {folder}/users\npool_mode = transaction\n"
        f"unix_socket_dir =\ndefault_pool_size = 2\nlogfile = {folder}/log\n"
    )
    for path in (folder, *folder.parents[:2], folder / "users", folder / "config"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.chmod(0o777)
    user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    process = subprocess.Popen([program, "-q", str(folder / "config")], stderr=subprocess.PIPE, **user)  # type: ignore[call-overload]  # user and group as a dict
    url = server.url().replace(str(server.port), str(port))
    async with plugin_on(server, url=url) as plugin:
        await until_answering(plugin.harness, plugin)
        yield plugin
    process.terminate()
    process.wait()
    process.stderr.close()


async def until_answering(harness: PluginHarness, plugin: OnServer) -> None:
    """Wait until the pooler takes connections."""
    limit = time.monotonic() + 10
    while True:
        try:
            await plugin.rows("select 1")
            return
        except TargetUnreachable:
            assert time.monotonic() < limit
            await asyncio.sleep(0.02)


async def test_everything_works_behind_a_pooler_in_transaction_mode(pooled: OnServer) -> None:
    for number in range(6):
        assert await pooled.rows(f"select {number}; show search_path") == [['"$user", public']]
    await pooled.call("query", statement="set search_path = 'nowhere'; select 1")
    results = await asyncio.gather(*(pooled.rows("show search_path") for _ in range(8)))
    assert results == [[['"$user", public']]] * 8
    assert (await pooled.call("stats"))["instance"]["user"] == "su"
    await pooled.call("schema")
    await pooled.call("sessions-list", includeIdle=True)
    result = await pooled.call(
        "query", statement="insert into customers(name) values ('Eve') returning 1", mode="write"
    )
    assert result["rowCount"] == 1
    pooled.server.run("delete from customers where name = 'Eve'")
    result = await pooled.call("query", statement="select generate_series(1, 50000000); select 2", rowLimit=10)
    assert result["rows"] == [{"?column?": 2}]
    for name in ("overview", "lock-tree", "slow-queries", "statements-diff", "bloat", "indexes", "replication", "wal"):
        await pooled.call(name)
    for _ in range(4):
        assert (await pooled.call("explain", statement="select * from orders where id = $1"))["generic"]
    assert (await pooled.export(statement="select 1 as a")) == b"a\n1\n"
    assert (await pooled.export(statement="select generate_series(1, 1000000)", maxRows=1)).count(b"\n") == 3
    assert await pooled.rows("select count(*) from pg_prepared_statements") == [[0]]


def test_every_error_class_of_the_driver_becomes_an_operation_error() -> None:
    place = StatementPlace("select 1", Statement("select 1", 0, ()), 0)
    found = [getattr(kind, "sqlstate", None) for kind in vars(driver_errors).values()]
    codes = [code for code in found if isinstance(code, str)]
    assert len(codes) > 200
    for code in codes:
        exc = sql_error(SqlFault("text", sqlstate=code), place)
        assert exc.facts["sqlstate"] == code
        wanted = BY_SQLSTATE.get(code) or BY_CLASS.get(code[:2]) or InvalidParams
        assert type(exc) is wanted


def test_a_server_that_repeats_the_password_is_not_quoted() -> None:
    params = connect_params(parse_connection(f"postgres://u:{SECRET}@h/db"))
    exc = connect_error(f'connection failed: FATAL:  odd thing about "{SECRET}"', params)
    assert SECRET not in exc.message
