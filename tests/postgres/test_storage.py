"""Storage: bloat before and after repair, the horizon's holders, progress, sequences, sizes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from mc_postgres.storage.bloat import RelationRow, WidthRow, estimate
from mc_sdk import NotFound, NotSupported
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, OnServer, plugin_on, plugin_on_scratch, wait_until_none

BLOATED = """
    create table fat (id int primary key, pad text) with (autovacuum_enabled = off);
    insert into fat select i, repeat('x', 150) || i from generate_series(1, 100000) i;
    create index fat_pad on fat (pad);
    delete from fat where id % 10 <> 0;
    analyze fat;
    create table untouched (id int) with (autovacuum_enabled = off);
    insert into untouched select generate_series(1, 10000)
"""


def wait_until_counted(server: PostgresServer, table: str) -> None:
    """Wait until the server's counters know that a table has rows."""
    deadline = time.monotonic() + 20
    while not server.run(f"select 1 from pg_stat_user_tables where relname = '{table}' and n_live_tup > 0", SCRATCH):
        assert time.monotonic() < deadline, f"{table} is not counted"
        time.sleep(0.1)


async def bloat_of(plugin: OnServer, name: str) -> dict[str, Any]:
    """Return what is estimated of a table or index."""
    found = await plugin.call("bloat", refresh=True, limit=500)
    return next(one for one in found["tables"] + found["indexes"] if one["name"] == name)


async def test_a31_a_bloated_table_is_seen_and_goes_with_repair(each_scratch: PostgresServer) -> None:
    each_scratch.run(BLOATED, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        fat = await bloat_of(plugin, "fat")
        assert 80 <= fat["bloatPct"] <= 95
        assert fat["method"] == "estimate"
        # Before 15 counters come through a collector, so that for a moment this table looks empty.
        await asyncio.to_thread(wait_until_counted, each_scratch, "untouched")
        untouched = await bloat_of(plugin, "untouched")
        assert (untouched["method"], untouched["bloatPct"]) == ("none", None)
        assert "ANALYZE" in untouched["reason"]
        for statement in ("vacuum full fat", "analyze fat"):
            each_scratch.run(statement, SCRATCH)
        assert (await bloat_of(plugin, "fat"))["bloatPct"] < 10


async def test_a32_a_bloated_index_is_seen_and_goes_with_reindex(each_scratch: PostgresServer) -> None:
    each_scratch.run(BLOATED, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        index = await bloat_of(plugin, "fat_pad")
        assert 80 <= index["bloatPct"] <= 95
        assert index["bloatBytes"] > 1024 * 1024
        for statement in ("vacuum fat", "reindex index fat_pad", "analyze fat"):
            each_scratch.run(statement, SCRATCH)
        assert (await bloat_of(plugin, "fat_pad"))["bloatPct"] < 10


async def test_bloat_is_estimated_for_what_a_role_may_read(each_scratch: PostgresServer) -> None:
    each_scratch.run(BLOATED, SCRATCH)
    async with plugin_on_scratch(each_scratch, "mon") as plugin:
        found = await plugin.call("bloat")
        fat = next(one for one in found["tables"] if one["name"] == "fat")
        assert fat["method"] == "none"
        grant = found["needs"][0]["grant"]
        each_scratch.run(grant, SCRATCH)
        try:
            again = await bloat_of(plugin, "fat")
            assert 80 <= again["bloatPct"] <= 95
        finally:
            revoke = "revoke pg_read_all_data from mon" if "pg_read_all_data" in grant else "drop owned by mon"
            each_scratch.run(revoke, SCRATCH)


async def test_bloat_is_counted_exactly_when_asked(each_scratch: PostgresServer) -> None:
    each_scratch.run(BLOATED, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        with pytest.raises(NotSupported, match="pgstattuple"):
            await plugin.call("bloat", exact="public.fat")
        each_scratch.run("create extension pgstattuple", SCRATCH)
        [fat] = (await plugin.call("bloat", exact="public.fat"))["tables"]
        assert (fat["method"], fat["confidence"]) == ("exact", "high")
        assert 80 <= fat["bloatPct"] <= 95
        assert (await plugin.call("bloat", exact="public.fat_pad"))["indexes"]
        with pytest.raises(NotFound):
            await plugin.call("bloat", exact="public.nothing")


async def test_the_slow_lane_shows_its_age_and_measures_when_told(scratch: PostgresServer) -> None:
    scratch.run("create table t (id int)", SCRATCH)
    async with plugin_on_scratch(scratch) as plugin:
        first = await plugin.call("relations")
        scratch.run("insert into t select generate_series(1, 100000)", SCRATCH)
        second = await plugin.call("relations")
        assert second["asOf"] == first["asOf"]
        assert second["ageMs"] >= 0
        third = await plugin.call("relations", refresh=True)
        assert third["asOf"] > first["asOf"]
        [row] = third["relations"]
        assert row["growthBytes"] > 1_000_000
        assert third["databaseSizeBytes"] > row["sizeBytes"]


async def test_relations_tell_when_a_table_was_last_read_in_full(each_scratch: PostgresServer) -> None:
    each_scratch.run("create table t (id int); insert into t select generate_series(1, 1000)", SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        [row] = (await plugin.call("relations"))["relations"]
        assert "lastSeqScan" not in row
        each_scratch.run("select count(*) from t", SCRATCH)
        limit = time.monotonic() + 5
        while not row["seqScans"]:  # before 15 counters come by a collector, a moment later
            assert time.monotonic() < limit
            [row] = (await plugin.call("relations", refresh=True))["relations"]
    assert ("lastSeqScan" in row) == (each_scratch.major >= 16)


@pytest.mark.parametrize(
    ("tuples", "pages", "width", "percent"),
    [(1000, 1000, 100, 98.0), (70_000, 1000, 84, 0.0), (0, 100, 50, 100.0), (0, 0, 50, 0.0)],
)
def test_an_estimate_is_made_of_pages_and_widths(tuples: float, pages: int, width: float, percent: float) -> None:
    row = RelationRow(
        oid=1,
        schema="s",
        name="t",
        kind="r",
        pages=pages,
        tuples=tuples,
        block_bytes=8192,
        uncounted_tuples=0,
        fill_factor=100,
        columns=3,
        is_unique=None,
        table=None,
    )
    found = estimate(row, WidthRow(relation=1, data_bytes=width, has_nulls=False, unknown_columns=0), 160_000)
    assert found.bloat_pct == pytest.approx(percent, abs=1.5)


async def test_a33_who_holds_the_horizon_is_named(each_server: PostgresServer) -> None:
    slot = "stale"
    with each_server.connect() as holder:
        holder.execute("begin isolation level repeatable read; select 1")
        each_server.run("select txid_current()")
        async with plugin_on(each_server) as plugin:
            horizon = (await plugin.call("wraparound"))["horizon"]
            assert horizon[0]["pid"] == holder.info.backend_pid
            assert (horizon[0]["kind"], horizon[0]["isOldest"]) == ("backend", True)
        holder.execute("rollback")
    each_server.run(f"select pg_create_logical_replication_slot('{slot}', 'test_decoding')")
    try:
        each_server.run("select txid_current()")
        async with plugin_on(each_server) as plugin:
            result = await plugin.call("wraparound")
            assert slot in {row.get("name") for row in result["horizon"] if row["kind"] == "slot"}
            assert {row["name"] for row in result["databases"]} >= {"app", "postgres", "template1"}
            assert result["tables"][0]["xidAge"] >= result["tables"][-1]["xidAge"]
    finally:
        each_server.run(f"select pg_drop_replication_slot('{slot}')")


async def test_a34_progress_of_a_vacuum_elsewhere_moves(each_server: PostgresServer) -> None:
    each_server.run(
        "drop table if exists slow; create table slow (id int) with (autovacuum_enabled = off); "
        "insert into slow select generate_series(1, 300000)",
        "other",
    )
    with each_server.connect(database="other") as client:
        client.execute("set vacuum_cost_delay = 20; set vacuum_cost_limit = 50")
        client.pgconn.send_query(b"vacuum slow")
        async with plugin_on(each_server) as plugin:
            seen: list[int] = []
            limit = time.monotonic() + 10
            while len(set(seen)) < 3 and time.monotonic() < limit:
                for item in (await plugin.call("progress"))["items"]:
                    if item.get("relation") == "slow" and item["total"]:
                        assert (item["kind"], item["database"], item["unit"]) == ("vacuum", "other", "blocks")
                        seen.append(item["done"])
        assert len(set(seen)) >= 3
        assert seen == sorted(seen)
        client.pgconn.finish()
    each_server.run("select pg_terminate_backend(pid) from pg_stat_activity where query = 'vacuum slow'")
    wait_until_none(each_server, "select count(*) from pg_stat_activity where query = 'vacuum slow'")
    each_server.run("drop table slow", "other")


async def test_a35_a_sequence_that_is_nearly_full(each_scratch: PostgresServer) -> None:
    each_scratch.run(
        "create table t (id serial primary key, big bigserial); create sequence plain_one; "
        "create sequence down increment -1 minvalue -100 maxvalue 0 start 0; "
        "select setval('t_id_seq', 2000000000), nextval('down')",
        SCRATCH,
    )
    async with plugin_on_scratch(each_scratch) as plugin:
        found = (await plugin.call("sequences"))["sequences"]
        first = found[0]
        assert (first["name"], round(first["columnPct"])) == ("t_id_seq", 93)
        assert first["column"] == "public.t.id"
        assert first["lastValue"] == "2000000000"
        assert {one["name"]: one["usedPct"] for one in found}["plain_one"] == 0
        assert [one["name"] for one in (await plugin.call("sequences", minPct=50))["sequences"]] == ["t_id_seq"]
    async with plugin_on_scratch(each_scratch, "mon") as plugin:
        hidden = await plugin.call("sequences")
        assert {one["usedPct"] for one in hidden["sequences"]} == {None}
        assert "GRANT" in hidden["needs"][0]["grant"]


async def test_a51_a_database_without_connect_is_marked(each_server: PostgresServer) -> None:
    each_server.run("revoke connect on database other from public", "postgres")
    try:
        async with plugin_on(each_server, user="plain") as plugin:
            found = {row["name"]: row for row in (await plugin.call("databases"))["databases"]}
        assert (found["other"]["canConnect"], found["other"]["sizeBytes"]) == (False, None)
        assert found["app"]["canConnect"]
        assert found["app"]["sizeBytes"] > 0
        assert found["template0"]["allowsConnections"] is False
    finally:
        each_server.run("grant connect on database other to public", "postgres")


async def test_vacuum_stats_tell_when_autovacuum_is_due(each_scratch: PostgresServer) -> None:
    each_scratch.run(BLOATED, SCRATCH)
    each_scratch.run(
        "alter table fat set (autovacuum_vacuum_threshold = 10, autovacuum_vacuum_scale_factor = 0)", SCRATCH
    )
    async with plugin_on_scratch(each_scratch) as plugin:
        limit = time.monotonic() + 5
        while True:  # before 15 counters come by a collector, a moment later
            fat = (await plugin.call("vacuum-stats"))[0]
            if fat["deadTuples"] or time.monotonic() > limit:
                break
        assert fat["table"] == "fat"
        assert fat["deadThreshold"] == 10
        assert fat["isDue"]
        assert fat["dueIn"] < 0
        assert not fat["autovacuumEnabled"]
        assert "autovacuum_enabled=off" in fat["reloptions"]
        assert "lastVacuumAt" not in fat
        assert fat["lastVacuum"].startswith("0001-")


async def test_a50_materialised_views_and_an_unchanged_schema(each_scratch: PostgresServer) -> None:
    each_scratch.run(
        "create type mood as enum ('sad', 'ok'); create table t (id int, m mood); comment on table t is 'all of it'; "
        "create materialized view v as select * from t; "
        "create function twice(int) returns int language sql as 'select 2'",
        SCRATCH,
    )
    async with plugin_on_scratch(each_scratch) as plugin:
        limit = time.monotonic() + 5
        first = await plugin.call("schema")
        while (again := await plugin.call("schema", etag=first["etag"])).get("notModified") is None:
            assert time.monotonic() < limit  # before 15 counters come by a collector, a moment later
            first = again
        tables = {table["name"]: table for table in first["tables"]}
        assert [column["name"] for column in tables["v"]["columns"]] == ["id", "m"]
        assert tables["t"]["comment"] == "all of it"
        assert first["enums"] == [{"schema": "public", "name": "mood", "labels": ["sad", "ok"]}]
        assert [function["name"] for function in first["functions"]] == ["twice"]
        started = time.monotonic()
        assert (await plugin.call("schema", etag=first["etag"]))["tables"] == []
        assert time.monotonic() - started < 0.05
        each_scratch.run("alter table t add column later int", SCRATCH)
        limit = time.monotonic() + 5
        while (changed := await plugin.call("schema", etag=first["etag"])).get("notModified"):
            assert time.monotonic() < limit
        assert "later" in str(changed["tables"])
