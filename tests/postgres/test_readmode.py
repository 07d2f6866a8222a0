"""Read mode on real servers: nothing gets through, and what only reads works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mc_sdk import OperationError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import OWN_BACKENDS, OnServer, plugin_on, wait_until_none
from tests.postgres.payloads import PAYLOADS, STATE

EVIL_FILE = Path("/tmp/mc_evil")
EXTENSIONS = (
    "adminpack",
    "dblink",
    "tablefunc",
    "pg_stat_statements",
    "pg_surgery",
    "pg_trgm",
    "pgstattuple",
    "hstore",
    "pgcrypto",
)


@pytest.fixture
def guarded(each_server: PostgresServer) -> Iterator[PostgresServer]:
    """A server with extensions, a victim session, a large object and a slot that sees WAL messages."""
    server = each_server
    for name in EXTENSIONS:
        if server.run(f"select 1 from pg_available_extensions where name = '{name}'"):
            server.run(f"create extension if not exists {name}")
    server.run(
        "create or replace function evil_writer() returns int language sql volatile as "
        "$$insert into customers(name) values ('evil') returning id$$"
    )
    server.run("select lo_create(777777) where not exists (select from pg_largeobject_metadata where oid = 777777)")
    server.run("select pg_create_logical_replication_slot('watch', 'test_decoding')")
    server.run("select 'marked before'")
    victim = server.connect(application="victim")
    yield server
    victim.close()
    server.run("select pg_drop_replication_slot('watch')")
    server.run("select lo_unlink(777777)")


def read_state(server: PostgresServer) -> list[tuple[object, ...]]:
    """Return everything that a payload could have changed; messages in the WAL show once it is flushed."""
    server.run("create table flushed (a int); drop table flushed", "other")
    return server.run(STATE)


async def run_all(plugin: OnServer, pid: object) -> list[str]:
    """Run every payload; return those that did not fail, or failed otherwise than by an answer to the user."""
    passed = []
    for payload in PAYLOADS:
        statement = payload.replace("{pid}", str(pid))
        try:
            await plugin.call("query", statement=statement)
        except OperationError as exc:
            if exc.code not in ("invalid", "forbidden", "not_found"):
                passed.append(f"{payload!r}: {exc.code} {exc.message}")
        else:
            passed.append(payload)
    return passed


async def test_a10_no_payload_gets_through_and_nothing_changes(guarded: PostgresServer) -> None:
    assert len(PAYLOADS) >= 100
    [(pid,)] = guarded.run("select pid from pg_stat_activity where application_name = 'victim'")
    before = read_state(guarded)
    async with plugin_on(guarded) as plugin:
        passed = await run_all(plugin, pid)
        idle = guarded.run("select state from pg_stat_activity where application_name = 'mission-control-postgres'")
    assert passed == []
    assert read_state(guarded) == before
    assert not EVIL_FILE.exists()
    assert {state for (state,) in idle} <= {"idle"}


async def test_a10_a_plain_role_cannot_hide_sql_either(guarded: PostgresServer) -> None:
    async with plugin_on(guarded, user="plain") as plugin:
        for statement in ("select query_to_xml('select 1', true, true, '')", "select * from ts_stat('select null')"):
            with pytest.raises(OperationError, match="read mode does not call"):
                await plugin.call("query", statement=statement)


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from customers",
        "show server_version",
        "explain select * from customers",
        "explain (analyze, buffers) select * from customers where id = 1",
        "explain analyze verbose table customers",
        "values (1), (2)",
        "table customers",
        "with x as (select 1 as a) select * from x",
        "/* leading */ -- comments\n select 1",
        "select*from customers",
        "select 1;",
        "(select 1) union (select 2)",
        "((values (1)))",
        "select now(), clock_timestamp(), random()",
        "select pg_sleep(0.001)",
        "select pg_size_pretty(pg_database_size(current_database()))",
        "select pg_relation_size('customers'), pg_total_relation_size('customers')",
        "select * from pg_stat_activity",
        "select * from pg_locks",
        "select * from pg_settings limit 1",
        "select 3.14159::numeric(10, 2)",
        "select coalesce(null, 1), greatest(1, 2), extract(year from now()), position('a' in 'ba')",
        "select 1 in (1, 2), exists (select 1), array(select 1)",
        "select sum(total) over (partition by customer), count(*) filter (where note is null) over () from orders",
        "select * from generate_series(1, 3) as t(a)",
        "select * from customers tablesample bernoulli (100)",
        "set search_path = public; select * from customers",
        "set work_mem = '64MB'; select 1",
        "set enable_seqscan = off; explain select 1",
        "set time zone 'Europe/Berlin'; select now()",
        "set local datestyle to 'German'; show datestyle",
        "reset search_path; select 1",
        "select lower('A'), upper('a'), string_agg(name, ',') from customers",
        "select jsonb_build_object('a', 1) ->> 'a'",
        "select E'a\\'b', $$c$$, U&'d\\0061t'",
    ],
)
async def test_a11_reading_statements_return_rows(each_plugin: OnServer, statement: str) -> None:
    result = await each_plugin.call("query", statement=statement)
    assert result["isSelect"]
    assert result["rowCount"] > 0


async def test_functions_of_pure_extensions_are_admitted(guarded: PostgresServer) -> None:
    async with plugin_on(guarded) as plugin:
        assert await plugin.rows("select similarity('abc', 'abd') > 0, 'a=>1'::hstore -> 'a'") == [[True, "1"]]
        assert await plugin.rows("select length(digest('x', 'sha256'))") == [[32]]
        assert await plugin.rows("select table_len > 0 from pgstattuple('customers')") == [[True]]
        assert (await plugin.rows("select count(*) > 0 from pg_stat_statements"))[0] == [True]


async def test_a_users_own_function_runs_and_cannot_write(plugin: OnServer) -> None:
    plugin.server.run("create or replace function twice(a int) returns int language sql as 'select a * 2'")
    assert await plugin.rows("select twice(21)") == [[42]]
    plugin.server.run("drop function twice")


async def test_names_mean_what_the_search_path_says(plugin: OnServer) -> None:
    plugin.server.run(
        "drop extension if exists dblink; create schema shadow; create extension dblink schema shadow; "
        "create extension if not exists citext"
    )
    try:
        assert await plugin.rows("select replace('a', 'a', 'b'), regexp_replace('a', 'a', 'b')") == [["b", "b"]]
        for path in ("shadow", "public, shadow", "shadow, pg_catalog"):
            text = f"set search_path = {path}; select dblink_get_connections()"
            with pytest.raises(OperationError, match="read mode does not call dblink_get_connections"):
                await plugin.call("query", statement=text)
        with pytest.raises(OperationError, match="read mode does not call"):
            await plugin.call("query", statement="select shadow.dblink_get_connections()")
        with pytest.raises(OperationError, match="does not exist"):
            await plugin.call("query", statement="select dblink_get_connections()")
    finally:
        plugin.server.run("drop extension dblink; drop extension citext; drop schema shadow")


async def test_an_operator_of_ones_own_does_not_blind_the_check(plugin: OnServer) -> None:
    plugin.server.run(
        "create schema evil; create function evil.never(name, name) returns bool language sql as 'select false'; "
        "create operator evil.= (leftarg = name, rightarg = name, function = evil.never)"
    )
    try:
        text = "set search_path = evil, pg_catalog; select pg_reload_conf()"
        with pytest.raises(OperationError, match="read mode does not call pg_reload_conf"):
            await plugin.call("query", statement=text)
    finally:
        plugin.server.run("drop schema evil cascade")


async def test_a_connection_is_used_again_after_reading_and_after_an_error(plugin: OnServer) -> None:
    first = await plugin.rows("select pg_backend_pid()")
    with pytest.raises(OperationError, match="division by zero"):
        await plugin.call("query", statement="select 1 / 0")
    assert await plugin.rows("select pg_backend_pid()") == first
    written = await plugin.rows("select pg_backend_pid()", mode="write")
    assert await plugin.rows("select pg_backend_pid()") != written


async def test_a8_settings_and_temporary_state_do_not_reach_the_next_call(plugin: OnServer) -> None:
    await plugin.call("query", statement="set search_path = 'nowhere'; select 1")
    assert await plugin.rows("show search_path") == [['"$user", public']]


async def test_a8_locks_and_settings_of_a_write_end_with_it(each_plugin: OnServer) -> None:
    text = "set search_path = 'nowhere'; select pg_advisory_lock(1); update public.orders set note = note where id = 1"
    await each_plugin.call("query", statement=text, mode="write")
    left = "select count(*) from pg_locks where locktype = 'advisory'"
    idle = f"{OWN_BACKENDS} and state like 'idle in transaction%'"
    wait_until_none(each_plugin.server, left, timeout_s=1)
    wait_until_none(each_plugin.server, idle, timeout_s=1)
    assert await each_plugin.rows("show search_path") == [['"$user", public']]
    assert await each_plugin.rows("select count(*) from orders") != [[0]]


async def test_a_function_that_changes_how_strings_are_read_ends_the_batch(plugin: OnServer) -> None:
    plugin.server.run(
        "create function blind() returns text language sql volatile as "
        "$$select set_config('standard_conforming_strings', 'off', false)$$"
    )
    try:
        with pytest.raises(OperationError, match="the server reads strings in another way"):
            await plugin.call("query", statement="select blind(); select '\\', ', pg_reload_conf() --'")
        assert await plugin.rows("show standard_conforming_strings") == [["on"]]
    finally:
        plugin.server.run("drop function blind")


async def test_strings_are_safe_when_the_server_reads_backslashes(park_role: str, plugin: OnServer) -> None:
    async with plugin_on(plugin.server, url=plugin.server.url(park_role, password="x")) as odd:
        assert await odd.rows("show standard_conforming_strings") == [["on"]]
        assert await odd.rows("select 'a\\'") == [["a\\"]]


@pytest.fixture
def park_role(server: PostgresServer) -> Iterator[str]:
    """A role whose sessions start with standard_conforming_strings off and another encoding."""
    server.run("create role odd login password 'x'")
    server.run("alter role odd set standard_conforming_strings = off; alter role odd set client_encoding = 'LATIN1'")
    yield "odd"
    server.run("drop role odd")


def test_the_state_query_notices_a_change(server: PostgresServer) -> None:
    server.run("select pg_create_logical_replication_slot('watch', 'test_decoding')")
    try:
        before = read_state(server)
        server.run("select pg_logical_emit_message(false, 'evil', 'x')")
        assert read_state(server) != before
    finally:
        server.run("select pg_drop_replication_slot('watch')")


def test_driver_and_lexer_agree_on_one_statement_per_message(server: PostgresServer) -> None:
    """The extended protocol is the second line of defence: the server itself refuses two statements."""
    with server.connect() as connection, pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
        connection.execute("select %s; select 2", [1])
