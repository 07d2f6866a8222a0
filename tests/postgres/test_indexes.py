"""Advice on indexes: each kind once, nothing that is needed, and statements that run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mc_sql.server_binaries import choose_user, find_binaries
from mc_sql.testing import PostgresServer, ServerUnavailable
from tests.fixtures.fix_postgres import SCRATCH, plugin_on_scratch, scratch_on, wait_until_none

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
COPY = "scratch_copy"
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


async def test_a36_one_of_each_kind_and_nothing_else(each_scratch: PostgresServer) -> None:
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


async def test_a37_every_statement_runs_on_a_copy_and_mends_what_it_is_about(each_scratch: PostgresServer) -> None:
    prepare(each_scratch)
    found = (await report_of(each_scratch))["findings"]
    each_scratch.run("delete from broken", SCRATCH)
    statements = [one["ddl"] for one in found if one["ddl"]]
    assert len(statements) == len(found) - 1  # a table that is scanned has no single right index
    wait_until_none(each_scratch, f"select count(*) from pg_stat_activity where datname = '{SCRATCH}'")
    each_scratch.run(f"create database {COPY} template {SCRATCH}", "postgres")
    try:
        for statement in statements:
            each_scratch.run(statement, COPY)
    finally:
        each_scratch.run(f"drop database {COPY}", "postgres")
    for statement in statements:
        each_scratch.run(statement, SCRATCH)
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


HYPOPG_MAJOR = 15


@pytest.fixture
def with_hypopg() -> Iterator[PostgresServer]:
    """The machine's own PostgreSQL with the extension hypopg, which the servers' npm packages lack; empty `scratch`."""
    try:
        server = PostgresServer(HYPOPG_MAJOR)
        server.binaries = find_binaries(HYPOPG_MAJOR, choose_user(), packages_dir=Path("/nowhere"))
    except ServerUnavailable as exc:
        pytest.skip(str(exc))
    with server:
        offered = "select count(*) from pg_available_extensions where name = 'hypopg'"
        if server.run(offered) == [(0,)]:
            pytest.skip(f"hypopg is not installed (Debian: apt install postgresql-{HYPOPG_MAJOR}-hypopg)")
        with scratch_on(server):
            yield server


SEARCHED = """
    create table visits (id int primary key, visitor int, "Seen at" timestamp, page text, note text);
    insert into visits select i, i % 5000, timestamp '2024-01-01' + i * interval '1 min', 'p' || i % 50, md5(i::text)
    from generate_series(1, 100000) i;
    create table guarded (id int primary key, owner int);
    insert into guarded select i, i % 5000 from generate_series(1, 50000) i;
    alter table guarded enable row level security;
    analyze
"""
SEARCHES = (
    "select count(*) from visits where visitor = 7",
    """select * from visits v where v.visitor = 9 and v."Seen at" > '2024-02-01'""",
    "select * from visits where id = 5",
    "select count(*) from guarded where owner = 3",
    "select count(*) from visits where page = 'p1' or note = 'x'",
)


async def test_indexes_are_suggested_from_statements_by_hypopg(with_hypopg: PostgresServer) -> None:
    with_hypopg.run(SEARCHED, SCRATCH)
    async with plugin_on_scratch(with_hypopg) as plugin:
        before = await plugin.call("indexes", refresh=True)
        assert (before["suggestionNote"], before["suggestionSql"]) == (
            "they need the extension hypopg",
            "CREATE EXTENSION hypopg;",
        )
        with_hypopg.run("create extension hypopg; create extension pg_stat_statements", SCRATCH)
        for statement in SEARCHES:
            for _ in range(3):
                with_hypopg.run(statement, SCRATCH)
        report = await plugin.call("indexes", refresh=True)
        assert "suggestionNote" not in report
        found = [one for one in report["findings"] if one["kind"] == "hypothetical"]
        assert {tuple(one["columns"]) for one in found} == {("visitor",), ("visitor", "Seen at")}
        wide = next(one for one in found if len(one["columns"]) == 2)
        assert wide["ddl"] == 'CREATE INDEX CONCURRENTLY ON "public"."visits" ("visitor", "Seen at");'
        assert wide["sizeBytes"] > 100_000
        assert "ran 3 times" in wide["reason"]
        # Nothing stays behind that a later plan of this session would believe in.
        plan = (await plugin.call("explain", statement="select * from visits where visitor = 7"))["plan"]
        assert "<" not in plan and "Seq Scan" in plan
        assert await plugin.rows("select count(*) from pg_prepared_statements") == [[0]]
        own = "select query from pg_stat_statements where query ~ 'hypopg_|mission_control'"
        assert with_hypopg.run(f"{own} and query !~ 'mission-control'", SCRATCH) == []  # all of ours are marked
        with_hypopg.run(wide["ddl"], SCRATCH)
        report = await plugin.call("indexes", refresh=True)
        assert [one for one in report["findings"] if one["kind"] == "hypothetical"] == []


async def test_a_server_without_hypopg_says_so_and_suggests_nothing(each_scratch: PostgresServer) -> None:
    report = await report_of(each_scratch)
    assert report["suggestionNote"] == "they need the extension hypopg, which this server does not offer"
    assert "suggestionSql" not in report
