"""`schema`, `stats` and `databases-list`: complete, bounded, and never behind a lock."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import OnServer, plugin_on, wait_until_none


async def tables(plugin: OnServer, **params: Any) -> dict[str, dict[str, Any]]:
    """Return the tables by qualified name."""
    return {f"{one['schema']}.{one['name']}": one for one in (await plugin.call("schema", **params))["tables"]}


async def test_a50_materialised_views_have_columns_and_types_are_full(each_plugin: OnServer) -> None:
    found = await tables(each_plugin)
    totals = found["public.totals"]
    assert (totals["type"], [column["name"] for column in totals["columns"]]) == (
        "materialized_view",
        ["customer", "sum"],
    )
    name = next(column for column in found["public.customers"]["columns"] if column["name"] == "name")
    assert (name["dataType"], name["fullType"]) == ("varchar", "character varying(40)")
    assert found["public.measurements"]["type"] == "partitioned_table"
    assert {one["type"] for one in found["public.orders"]["constraints"]} == {"p", "f", "c"}


async def test_schema_is_the_same_without_privileges(each_server: PostgresServer) -> None:
    async with plugin_on(each_server) as full, plugin_on(each_server, user="plain") as plain:
        assert (await tables(full)).keys() == (await tables(plain)).keys()
        assert (await tables(plain))["public.customers"]["columns"]


async def test_schema_shows_domains_generated_and_quoted_names(each_plugin: OnServer) -> None:
    each_plugin.server.run(
        'create domain positive as int not null; create table "Odd; ""table" ("a b" positive, '
        "c int generated always as (1 + 1) stored, d int default 3)"
    )
    odd = (await tables(each_plugin))['public.Odd; "table']
    assert [column["dataType"] for column in odd["columns"]] == ["int4", "int4", "int4"]
    assert [column["fullType"] for column in odd["columns"]] == ["positive", "integer", "integer"]
    assert [column["nullable"] for column in odd["columns"]] == [False, True, True]
    assert [column.get("defaultSql") for column in odd["columns"]] == [None, None, "3"]
    each_plugin.server.run('drop table "Odd; ""table"; drop domain positive')


async def test_schema_is_bounded_and_can_be_searched(plugin: OnServer) -> None:
    full = await plugin.call("schema")
    few = await plugin.call("schema", limit=2)
    assert len(few["tables"]) == 2
    assert (few["truncated"], few["total"]) == (True, full["total"])
    assert set(await tables(plugin, search="LIC.ORD")) == {"public.orders"}
    assert await tables(plugin, search="100%_nothing") == {}


async def test_a50_20000_tables_are_listed_fast_and_small() -> None:
    make = "create table t{0} (id int primary key, a text, b int not null default 3);"
    with PostgresServer(16, settings={"max_locks_per_transaction": 1024}) as server:
        for start in range(0, 20_000, 1000):
            server.run("".join(make.format(number) for number in range(start, start + 1000)))
        async with plugin_on(server) as plugin:
            await plugin.rows("select 1")
            started = time.monotonic()
            found = await plugin.call("schema")
            assert time.monotonic() - started < 3
            assert (len(found["tables"]), found["total"], found["truncated"]) == (2000, 20_000, True)
            assert len(json.dumps(found)) < 8 * 1024 * 1024
            started = time.monotonic()
            assert (await plugin.call("schema", etag=found["etag"]))["notModified"]
            assert time.monotonic() - started < 0.05


@pytest.fixture(params=["held", "waiting"])
def locked(each_server: PostgresServer, request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A server on which `orders` is locked exclusively, or somebody waits to lock it so."""
    first, second = each_server.connect(application="locker"), each_server.connect(application="queue")
    first.execute("begin")
    if request.param == "held":
        first.execute("lock table orders in access exclusive mode")
    else:
        first.execute("select 1 from orders")
        second.execute("begin")
        second.pgconn.send_query(b"lock table orders in access exclusive mode")
        waits = "select 1 - count(*) from pg_locks where mode = 'AccessExclusiveLock' and not granted"
        wait_until_none(each_server, waits)
    yield each_server
    first.close()
    second.close()
    wait_until_none(each_server, "select count(*) from pg_stat_activity where application_name in ('locker', 'queue')")


async def test_a9_schema_answers_while_a_table_is_locked(locked: PostgresServer) -> None:
    async with plugin_on(locked) as plugin:
        started = time.monotonic()
        found = await tables(plugin)
        assert time.monotonic() - started < 3
    assert [column["name"] for column in found["public.orders"]["columns"]] == ["id", "customer", "total", "note"]
    assert found["public.customers"]["indexes"][0]["definition"]


async def test_stats_show_server_connections_and_database(each_plugin: OnServer) -> None:
    result = await each_plugin.call("stats")
    instance = result["instance"]
    assert instance["port"] == each_plugin.server.port
    assert instance["serverVersionNum"] // 10_000 == each_plugin.server.major
    assert (instance["user"], instance["inRecovery"], instance["databaseName"]) == ("su", False, "app")
    assert result["connections"]["max"] == instance["maxConnections"] == 100
    assert result["connections"]["total"] >= result["connections"]["active"] >= 1
    assert result["database"]["sizeBytes"] > 1_000_000
    assert 0 <= result["database"]["cacheHitPercent"] <= 100
    assert "warnings" not in result


async def test_stats_name_the_part_that_is_not_readable(server: PostgresServer) -> None:
    server.run("revoke execute on function pg_database_size(oid) from public")
    try:
        async with plugin_on(server, user="plain") as plugin:
            result = await plugin.call("stats")
    finally:
        server.run("grant execute on function pg_database_size(oid) to public")
    assert "database" not in result
    assert result["instance"]["user"] == "plain"
    assert result["warnings"] == ["database stats unavailable: permission denied for function pg_database_size"]


async def test_stats_of_another_database(plugin: OnServer) -> None:
    assert (await plugin.call("stats", database="other"))["instance"]["databaseName"] == "other"


async def test_databases_are_listed_by_name(plugin: OnServer) -> None:
    assert await plugin.call("databases-list") == ["app", "other", "postgres"]
