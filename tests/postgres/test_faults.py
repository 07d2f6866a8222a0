"""Odd names everywhere, a server that comes and goes, one that answers slowly: no operation fails for these."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import pytest

from mc_sdk import OperationError, TargetError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, OnServer, plugin_on, plugin_on_scratch, wait_until_none
from tests.fixtures.fix_postgres_standby import standby_of

LOOKS: dict[str, dict[str, Any]] = {
    "overview": {},
    "stats": {},
    "sessions-list": {"includeBackground": True},
    "locks-list": {},
    "lock-tree": {},
    "prepared-transactions": {},
    "slow-queries": {},
    "statements-diff": {},
    "vacuum-stats": {},
    "relations": {"refresh": True},
    "bloat": {"refresh": True},
    "indexes": {"refresh": True},
    "sequences": {"refresh": True},
    "wraparound": {},
    "progress": {},
    "replication": {},
    "wal": {},
    "settings": {},
    "databases": {},
    "capabilities": {},
    "schema": {},
}
LONGEST = "é" * 31 + "x"  # 63 bytes
NAMES = ('"', "it's", "a.b", "Größe 100%", "select", "%s", "{schema}", "\\", "🐘", LONGEST)


def quoted(name: str) -> str:
    """Return a name as SQL spells it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


async def test_odd_names_are_no_trouble(each_scratch: PostgresServer) -> None:
    for name in NAMES:
        table, index, sequence = quoted(name), quoted(f"i{name}"[:40]), quoted(f"s{name}"[:40])
        each_scratch.run(
            f"create schema {table}; create table {table}.{table} ({table} int primary key, other int); "
            f"create index {index} on {table}.{table} (other); create sequence {table}.{sequence}; "
            f"insert into {table}.{table} select i, i from generate_series(1, 100) i",
            SCRATCH,
        )
    each_scratch.run("analyze", SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        for operation, params in LOOKS.items():
            await plugin.call(operation, **params)
        schemas = {table["schema"] for table in (await plugin.call("schema"))["tables"]}
        assert set(NAMES) <= schemas
        advice = (await plugin.call("indexes"))["findings"]
        assert len([one for one in advice if one["kind"] == "unused"]) == len(NAMES)
        for one in advice:
            each_scratch.run(one["ddl"], SCRATCH)
        assert (await plugin.call("indexes", refresh=True))["findings"] == []


async def test_a_database_with_an_odd_name(each_server: PostgresServer) -> None:
    name = 'it\'s "odd" 100% /?#@'
    each_server.run(f"create database {quoted(name)}", "postgres")
    try:
        async with plugin_on(each_server) as plugin:
            for operation in ("overview", "stats", "relations", "schema", "slow-queries", "replication"):
                await plugin.call(operation, database=name)
            assert await plugin.rows("select current_database()", database=name) == [[name]]
        wait_until_none(each_server, "select count(*) from pg_stat_activity where datname like 'it%odd%'")
    finally:
        each_server.run(f"drop database {quoted(name)}", "postgres")


async def test_a54_all_of_our_own_statements_are_marked(each_server: PostgresServer) -> None:
    each_server.run("create role watcher superuser login password 'watcher-secret'")
    each_server.run("create extension if not exists pg_stat_statements")
    try:
        async with plugin_on(each_server, user="watcher") as plugin:
            for operation, params in LOOKS.items():
                await plugin.call(operation, **params)
            await plugin.rows("select 4714 as of_the_user")
        unmarked = each_server.run(
            "select query from pg_stat_statements s join pg_roles r on r.oid = s.userid "
            "where rolname = 'watcher' and query not like '%mission-control%'"
        )
        assert unmarked == [("select $1 as of_the_user",)]
        share = each_server.run(
            "select sum(total_exec_time) from pg_stat_statements s join pg_roles r on r.oid = s.userid "
            "where rolname = 'watcher'"
        )
        assert float(str(share[0][0])) < 1000  # all looks once, in milliseconds of the server
    finally:
        wait_until_none(each_server, "select count(*) from pg_stat_activity where usename = 'watcher'")
        each_server.run("drop role watcher")


async def test_every_look_survives_a_restart() -> None:
    with PostgresServer(16) as server:
        async with plugin_on(server) as plugin:
            for operation, params in LOOKS.items():
                await plugin.call(operation, **params)
            server.stop(immediate=True)
            for operation, params in LOOKS.items():
                with pytest.raises(TargetError) as caught:
                    await plugin.call(operation, **params)
                assert caught.value.facts["reason"] in ("connection_refused", "connection_lost"), operation
            server.start()
            for operation, params in LOOKS.items():
                await plugin.call(operation, **params)


class SlowLine:
    """A line to a server on which every answer comes late, or none at all any more."""

    def __init__(self, server: PostgresServer) -> None:
        self.delay_s = 0.05
        self.is_dead = False
        self._server = server
        self._writers: list[asyncio.StreamWriter] = []
        self._carried: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> SlowLine:
        self._listener = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port: int = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._carried)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carried.add(task)
        back, there = await asyncio.open_connection("127.0.0.1", self._server.port)
        self._writers += [writer, there]
        await asyncio.gather(self._pump(reader, there, 0), self._pump(back, writer, self.delay_s))

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, delay_s: float) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                await asyncio.sleep(delay_s)
                if not self.is_dead:
                    target.write(data)
        target.close()


async def test_a_server_that_answers_slowly_is_read_all_the_same(server: PostgresServer) -> None:
    async with SlowLine(server) as line:
        url = server.url().replace(f":{server.port}/", f":{line.port}/")
        async with plugin_on(server, url=url) as plugin:
            for operation in ("stats", "overview", "sessions-list", "lock-tree"):
                await plugin.call(operation)
            assert (await plugin.call("overview"))["costMs"] > 1000 * line.delay_s
            with pytest.raises(OperationError) as caught:  # the limit is the server's, and it is kept
                await plugin.rows("select pg_sleep(5)", statementTimeoutMs=100)
            assert caught.value.facts["sqlstate"] == "57014"


async def test_a_connection_that_falls_silent_is_given_up(server: PostgresServer) -> None:
    async with SlowLine(server) as line:
        url = server.url().replace(f":{server.port}/", f":{line.port}/")
        async with plugin_on(server, url=url) as plugin:
            await plugin.rows("select 1")
            line.is_dead = True
            started = time.monotonic()
            with pytest.raises(TargetError) as caught:
                await plugin.rows("select 2")
            # Three seconds for the pooled connection, ten for a fresh one; the host would have waited for sixty.
            assert (caught.value.facts["reason"], time.monotonic() - started < 16) == ("connect_timeout", True)
        started = time.monotonic()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("major", [13, 16])
async def test_a_failover_is_followed_to_the_server_that_takes_over(major: int) -> None:
    with PostgresServer(major) as primary, standby_of(primary) as standby:
        ports = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        url = primary.url(query="target_session_attrs=read-write").replace(f"127.0.0.1:{primary.port}", ports)
        async with plugin_on(primary, url=url) as plugin:
            for operation, params in LOOKS.items():
                await plugin.call(operation, **params)
            assert (await plugin.call("stats"))["instance"]["port"] == primary.port
            primary.stop(immediate=True)
            with pytest.raises(TargetError):  # nobody takes writes now
                await plugin.call("stats")
            standby.run("select pg_promote(true, 30)")
            for operation, params in LOOKS.items():
                await plugin.call(operation, **params)
            found = (await plugin.call("stats"))["instance"]
            assert (found["port"], found["inRecovery"]) == (standby.port, False)
            assert (await plugin.call("query", statement="create table t (id int)", mode="write"))["resultSets"]


async def test_a_look_never_waits_long_for_a_locked_catalogue(plugin: OnServer) -> None:
    await asyncio.gather(*(plugin.rows("select pg_sleep(0.1)") for _ in range(3)))  # a login would wait as well
    with plugin.server.connect() as holder:
        holder.execute("begin; lock table pg_catalog.pg_class in access exclusive mode")
        started = time.monotonic()
        calls = [asyncio.ensure_future(plugin.call(name)) for name in ("schema", "vacuum-stats", "relations")]
        for call in calls:
            with pytest.raises(OperationError):
                await call
        assert time.monotonic() - started < 5
        holder.execute("rollback")
    await plugin.call("schema")


async def test_types_without_a_counterpart_are_text(each_scratch: PostgresServer) -> None:
    each_scratch.run(
        "create type pair as (a int, b text); create domain positive as int check (value > 0); "
        "create table odd (p pair, d positive, r int4range, m money, b bit(3), ts tsvector, "
        "x xml, l pg_lsn, a int[][])",
        SCRATCH,
    )
    each_scratch.run(
        "insert into odd values ((1, 'x,\"y'), 5, '[1,5)', 12.5, b'101', 'a b', '<a/>', '0/1', '{{1,2},{3,4}}')",
        SCRATCH,
    )
    async with plugin_on_scratch(each_scratch) as plugin:
        [row] = await plugin.rows("select * from odd")
        assert row == ['(1,"x,""y")', 5, "[1,5)", "$12.50", "101", "'a' 'b'", "<a/>", "0/1", "{{1,2},{3,4}}"]
        assert (await plugin.export(statement="select * from odd")).count(b"\n") == 2
