"""Advice on indexes: each kind once, nothing that is needed, and statements that run."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, plugin_on_scratch, wait_until_none

FIXTURE = """
    create table parent (id int primary key, code text unique, note text);
    insert into parent select i, 'c' || i, 'n' || i from generate_series(1, 2000) i;
    create table child (id int primary key, parent int references parent, covered int references parent, a int, b int);
    insert into child select i, i % 2000 + 1, i % 2000 + 1, i, i from generate_series(1, 20000) i;
    create index child_covered on child (covered);
    create index child_ab on child (a, b);
    create index child_b on child (b);
    create table broken (id int);
    insert into broken values (1), (1);
    create table fat (id int primary key, pad text) with (autovacuum_enabled = off);
    insert into fat select i, md5(i::text) || md5((i + 1)::text) from generate_series(1, 60000) i;
    create index "Fat index" on fat (pad);
    delete from fat where id % 20 <> 0;
    create table big (id int, v int);
    insert into big select i, i from generate_series(1, 12000) i;
    create table parts (id int, day date) partition by range (day);
    create table parts_1 partition of parts for values from ('2024-01-01') to ('2025-01-01');
    create index parts_day on parts (day);
    create table excluded (r int4range, exclude using gist (r with &&));
    analyze
"""
USES = """
    set enable_seqscan = off; set enable_bitmapscan = off;
    select a, b from child where a = 5; select * from child where b = 7;
    select * from fat where pad = 'x'; select * from fat where id = 3;
    select * from parts where day = '2024-03-03'
"""
LATER = """
    create index child_a on child (a);
    create index child_b_again on child (b);
    create index child_b_reversed on child (b desc);
    create index parent_unused on parent (note)
"""


async def report_of(server: PostgresServer) -> dict[str, Any]:
    """Return what is advised on the scratch database."""
    async with plugin_on_scratch(server) as plugin:
        found: dict[str, Any] = await plugin.call("indexes", refresh=True)
        return found


def prepare(server: PostgresServer) -> None:
    """Make one index of each kind, use those that shall count as used, and leave a broken one behind."""
    server.run(FIXTURE, SCRATCH)
    server.run("; ".join([USES] + ["select count(*) from big where v > 3"] * 60), SCRATCH)
    seen = "select 60 - least(60, seq_scan) from pg_stat_user_tables where relname = 'big'"
    with server.connect(database=SCRATCH) as client:
        while client.execute(seen.encode()).fetchone() != (0,):
            client.execute("select pg_stat_clear_snapshot()")
    server.run(LATER, SCRATCH)
    with pytest.raises(psycopg.errors.UniqueViolation):
        server.run("create unique index concurrently broken_id on broken (id)", SCRATCH)


async def test_a36_a37_one_of_each_kind_and_nothing_else(each_scratch: PostgresServer) -> None:
    prepare(each_scratch)
    found = (await report_of(each_scratch))["findings"]
    kinds = {(one["kind"], one.get("index") or one["table"]) for one in found}
    assert kinds == {
        ("missing_fk", "public.child"),
        ("invalid", "public.broken_id"),
        ("duplicate", "public.child_b_again"),
        ("overlapping", "public.child_a"),
        ("unused", "public.parent_unused"),
        ("unused", "public.child_b_reversed"),
        ("bloated", "public.Fat index"),
        ("bloated", "public.fat_pkey"),
        ("seq_scan", "public.big"),
    }
    by_kind = {one["kind"]: one for one in found}
    assert by_kind["duplicate"]["coveredBy"] == "public.child_b"
    assert by_kind["overlapping"]["coveredBy"] == "public.child_ab"
    assert by_kind["missing_fk"]["columns"] == ["parent"]
    assert by_kind["unused"]["confidence"] == "low"
    each_scratch.run("delete from broken", SCRATCH)
    for one in found:
        if one["ddl"]:
            each_scratch.run(one["ddl"], SCRATCH)
    left = {one["kind"] for one in (await report_of(each_scratch))["findings"]}
    assert left.isdisjoint({"invalid", "missing_fk", "duplicate", "overlapping", "bloated"})


async def test_a36_an_index_in_the_making_is_not_invalid(each_scratch: PostgresServer) -> None:
    each_scratch.run("create table t (id int); insert into t select generate_series(1, 1000)", SCRATCH)
    with each_scratch.connect(database=SCRATCH) as holder, each_scratch.connect(database=SCRATCH) as builder:
        holder.execute("begin; insert into t values (1)")
        builder.pgconn.send_query(b"create index concurrently t_id on t (id)")
        wait_until_none(each_scratch, "select 1 - count(*) from pg_locks where not granted")
        found = (await report_of(each_scratch))["findings"]
        assert [one for one in found if one["kind"] == "invalid"] == []
        each_scratch.run(f"select pg_terminate_backend({builder.info.backend_pid})")
        holder.execute("rollback")
        builder.pgconn.finish()
    wait_until_none(each_scratch, "select count(*) from pg_stat_activity where query like 'create index concurrently%'")
    found = (await report_of(each_scratch))["findings"]
    assert [one["kind"] for one in found] == ["invalid"]
