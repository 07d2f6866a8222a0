"""Overview: nothing on a healthy server, each condition by its name, gone after repair; stats and rates."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mc_postgres.history import COUNTERS, GAUGES, Checkpoints, History, Sample
from mc_postgres.overview.activity import ActivityRow, judge_transactions
from mc_postgres.overview.rows import KINDS, Severity
from mc_postgres.overview.server import judge_checkpoints, judge_counters, judge_slot
from mc_postgres.overview.upkeep import judge_ages, judge_sequences
from mc_postgres.replicas.rows import Slot
from mc_postgres.storage.rows import DatabaseAge, Sequence
from mc_sdk import InvalidParams
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, OnServer, plugin_on, plugin_on_scratch, wait_until_none

URGENT = ("critical", "warning")
PROBLEMS = """
    create table fat (id int primary key, pad text) with (autovacuum_enabled = off);
    insert into fat select i, repeat('x', 200) || i from generate_series(1, 100000) i;
    delete from fat where id % 20 <> 0;
    create table parent (id int primary key);
    insert into parent select generate_series(1, 1000);
    create table child (id bigint, parent int references parent, pad text);
    insert into child select i, i % 1000 + 1, repeat('y', 100) from generate_series(1, 30000) i;
    create table broken (id int);
    insert into broken values (1), (1);
    create sequence nearly maxvalue 1000 start 950;
    select nextval('nearly');
    analyze
"""


async def urgent(plugin: OnServer) -> set[str]:
    """Return the kinds of the findings that count."""
    found = await plugin.call("overview")
    return {one["kind"] for one in found["findings"] if one["severity"] in URGENT}


@pytest.fixture
def fresh(each_server: PostgresServer) -> Iterator[PostgresServer]:
    """A server of the same major as the others, and nothing but this test on it."""
    with PostgresServer(each_server.major) as server:
        yield server


async def test_a45_a_healthy_server_has_no_urgent_findings(fresh: PostgresServer) -> None:
    async with plugin_on(fresh) as plugin:
        first = await plugin.call("overview")
        assert (first["severity"], first["exit"]) == ("info", 0)
        second = await plugin.call("overview")
        assert {one["kind"] for one in second["findings"]} <= {"io_timing_off", "statements_missing"}
        assert {check["state"] for check in second["checks"]} <= {"ok", "found"}
        assert second["summary"]["maxConnections"] == 100


async def test_a45_a_troubled_server_is_named_within_one_look() -> None:
    with PostgresServer(16, settings={"autovacuum_freeze_max_age": 100_000}) as fresh:
        await trouble(fresh)


async def trouble(fresh: PostgresServer) -> None:
    """Provoke what an operator meets, and look."""
    fresh.run(f"create database {SCRATCH}", "postgres")
    for statement in PROBLEMS.split(";\n"):
        fresh.run(statement, SCRATCH)
    with pytest.raises(Exception, match="could not create unique index"):
        fresh.run("create unique index concurrently broken_id on broken (id)", SCRATCH)
    loop = "for i in 1..120000 loop perform txid_current(); commit; end loop;"
    burn = f"create procedure burn() language plpgsql as $$ begin {loop} end $$"
    fresh.run(burn, SCRATCH)
    with fresh.connect(database=SCRATCH) as holder, fresh.connect(database=SCRATCH) as waiter:
        fresh.run("call burn()", SCRATCH)
        holder.execute("begin; lock table parent in access exclusive mode")
        waiter.pgconn.send_query(b"alter table parent add column x int")
        wait_until_none(fresh, "select 1 - count(*) from pg_locks where not granted")
        async with plugin_on_scratch(fresh) as plugin:
            found = await plugin.call("overview")
            kinds = {one["kind"] for one in found["findings"] if one["severity"] in URGENT}
            assert kinds >= {"wraparound", "invalid_index", "missing_index", "bloat", "sequence", "autovacuum_overdue"}
            limit = time.monotonic() + 15
            while "blocked" not in await urgent(plugin):  # it has to last ten seconds to be one
                assert time.monotonic() < limit
            found = await plugin.call("overview")
            blocked = next(one for one in found["findings"] if one["kind"] == "blocked")
            assert str(holder.info.backend_pid) in blocked["title"]
            assert blocked["link"] == {"tab": "locks", "params": {"pid": holder.info.backend_pid}}
            assert "parent" in blocked["evidence"]
            assert all(one["evidence"] and one["nextStep"] for one in found["findings"])
            holder.execute("rollback")
            waiter.pgconn.finish()
            assert "blocked" not in await urgent(plugin)


async def test_a45_it_clears_after_repair(each_scratch: PostgresServer) -> None:
    for statement in PROBLEMS.split(";\n"):
        each_scratch.run(statement, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        assert await urgent(plugin) == {"bloat", "missing_index", "sequence", "autovacuum_overdue"}
    repairs = ("vacuum full fat", "create index on child (parent)", "alter sequence nearly maxvalue 100000", "analyze")
    for statement in repairs:
        each_scratch.run(statement, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        limit = time.monotonic() + 15
        while await urgent(plugin):  # before 15 counters come by a collector, a moment later
            assert time.monotonic() < limit


def test_transactions_left_open_are_found_by_their_age() -> None:
    def row(pid: int, state: str, age_s: int) -> ActivityRow:
        return ActivityRow(
            pid=pid,
            user="u",
            database="d",
            application="a",
            state=state,
            query="q",
            xact_age_ms=age_s * 1000,
            state_age_ms=age_s * 1000,
        )

    rows = [
        row(1, "idle in transaction", 59),
        row(2, "idle in transaction", 61),
        row(3, "active", 299),
        row(4, "active", 301),
        row(5, "idle in transaction (aborted)", 7200),
    ]
    found = {one.facts["pid"]: (one.kind, one.severity) for one in judge_transactions(rows, 60_000, 300_000)}
    assert found == {
        2: ("idle_in_transaction", Severity.WARNING),
        4: ("long_transaction", Severity.WARNING),
        5: ("idle_in_transaction", Severity.CRITICAL),
    }


@pytest.mark.parametrize(
    ("retained", "active", "status", "expected"),
    [
        (1024, False, "reserved", None),
        (100 * 1024**2, False, "reserved", "info"),
        (100 * 1024**2, True, "reserved", None),
        (2 * 1024**3, False, "extended", "warning"),
        (11 * 1024**3, True, "extended", "critical"),
        (None, False, "lost", "critical"),
    ],
)
def test_slots_are_judged_by_what_they_keep(
    retained: int | None, active: bool, status: str, expected: str | None
) -> None:
    slot = Slot(name="s", type="physical", active=active, retained_bytes=retained, wal_status=status)
    assert [str(one.severity) for one in judge_slot(slot)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("freeze", "limit", "expected"), [(49, 5, []), (60, 6, ["info"]), (101, 10, ["warning"]), (210, 21, ["critical"])]
)
def test_wraparound_is_judged_by_both_limits(freeze: float, limit: float, expected: list[str]) -> None:
    age = DatabaseAge(
        name="d",
        xid_age=1,
        mxid_age=1,
        xid_pct_of_freeze_max=freeze,
        xid_pct_of_limit=limit,
        mxid_pct_of_freeze_max=0,
        mxid_pct_of_limit=0,
        is_connected=True,
    )
    assert [str(one.severity) for one in judge_ages([age])] == expected


def test_a_sequence_that_cycles_never_runs_out() -> None:
    one = Sequence(schema="s", name="q", data_type="integer", last_value="9", max_value="10", used_pct=90, cycles=True)
    assert list(judge_sequences([one])) == []


def test_counters_are_judged_by_their_difference() -> None:
    calm = dict.fromkeys(COUNTERS, 0.0) | {"transactions": 5000.0, "blocks_hit": 99_000.0, "blocks_read": 1000.0}
    assert list(judge_counters(60, calm, "d")) == []
    bad = calm | {"blocks_read": 50_000.0, "deadlocks": 2.0, "rollbacks": 9000.0, "temp_bytes": 2e8}
    assert {one.kind for one in judge_counters(60, bad, "d")} == {"cache_hit", "deadlocks", "rollbacks", "temp_files"}
    assert list(judge_checkpoints(600, 5, 4)) == []
    assert list(judge_checkpoints(30, 1, 4)) == []
    assert [one.kind for one in judge_checkpoints(600, 1, 4)] == ["checkpoints_requested"]


def test_checkpoints_are_counted_over_the_last_hour() -> None:
    seen = Checkpoints()
    assert seen.add(0, 100, 50) == (0, 0, 0)
    assert seen.add(10, 100, 54) == (10, 0, 4)
    for minute in range(1, 60):
        seen.add(minute * 60, 100 + minute // 5, 54)
    assert seen.add(3600, 112, 54) == (3600, 12, 4)
    assert seen.add(3700, 112, 54) == (3580, 12, 0)
    assert seen.add(3800, 0, 1) == (0, 0, 0), "they were reset"


def test_counters_count_again_after_a_reset() -> None:
    found = History()
    for at, commits in ((0, 5000), (10, 6000), (20, 10), (30, 40), (40, 90)):
        found.add(sample(at, commits))
    deltas = found.deltas()
    assert deltas is not None
    assert (deltas[0], deltas[1]["transactions"]) == (20, 80)


async def test_what_is_known_may_be_ignored(each_scratch: PostgresServer) -> None:
    for statement in PROBLEMS.split(";\n"):
        each_scratch.run(statement, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        known = ["bloat", "missing_index", "autovacuum_overdue:public.fat", "sequence:public.other"]
        found = await plugin.call("overview", ignore=known)
        assert {one["kind"] for one in found["findings"] if one["severity"] in URGENT} == {"sequence"}
        assert found["ignored"] >= 3
        states = {check["kind"]: check["state"] for check in found["checks"]}
        assert (states["bloat"], states["sequence"], states["deadlocks"]) == ("ignored", "found", "unavailable")
        found = await plugin.call("overview", ignore=[*known, "sequence:public.nearly"])
        assert found["exit"] == 0
        assert states.keys() == KINDS
        with pytest.raises(InvalidParams, match="no such kind of finding: bloated, lock:7; there are archiver_failing"):
            await plugin.call("overview", ignore=["bloated", "lock:7", "bloat"])


def sample(at: float, commits: float) -> Sample:
    """Return a sample of a server that only commits."""
    return Sample(at, at, dict.fromkeys(COUNTERS, 0.0) | {"transactions": commits}, dict.fromkeys(GAUGES, 1.0))


def test_rates_survive_a_reset_and_a_clock_that_jumps() -> None:
    history = History()
    for at, commits in ((0.0, 10_000.0), (10.0, 20_000.0)):
        history.add(sample(at, commits))
    rates = history.rates()
    assert rates is not None
    assert rates.commits == 1000
    history.add(sample(20.0, 500.0))
    assert history.rates() is None
    history.samples[-1].epoch = -5.0  # the machine's clock went back; only what is shown follows it
    history.add(sample(30.0, 2500.0))
    later = history.rates()
    assert later is not None
    assert later.commits == 200
    columns = history.columns()
    assert len({len(column) for column in columns.values()}) == 1
    history.add(sample(2000.0, 3000.0))
    assert len(history.samples) == 1


async def test_a29_clients_are_counted_as_clients(each_server: PostgresServer) -> None:
    with each_server.connect() as one, each_server.connect():
        one.execute("begin; select 1")
        async with plugin_on(each_server) as plugin:
            found = (await plugin.call("stats"))["connections"]
            expected = each_server.run(
                "select count(*) - 1 from pg_stat_activity where backend_type = 'client backend'"
            )
            assert found["clientTotal"] == expected[0][0]
            assert found["idleInTransaction"] == 1
            assert found["waitingOnLock"] == 0
            assert found["usedPercent"] > 0
            assert sum(source["count"] for source in found["bySource"]) == found["clientTotal"]


COMMITS = f"select xact_commit from pg_stat_database where datname = '{SCRATCH}'"


async def test_a30_rates_are_per_second(each_scratch: PostgresServer) -> None:
    async with plugin_on_scratch(each_scratch) as plugin:

        async def committed() -> int:
            return int((await plugin.call("stats"))["database"]["transactions"])

        await plugin.call("stats")
        await asyncio.sleep(1.1)  # the rate's own measure: two samples that far apart
        await committed()
        before = int(str(each_scratch.run(COMMITS)[0][0]))  # asked of another database: asking commits
        with each_scratch.connect(database=SCRATCH) as client:
            for _ in range(400):
                client.execute("select 1")
        limit = time.monotonic() + 5
        while each_scratch.run(f"{COMMITS} and xact_commit >= {before + 400}") == []:
            assert time.monotonic() < limit
        found = await plugin.call("stats")
        rates: dict[str, Any] = found["database"]["rates"]
        assert rates["commits"] * rates["seconds"] == pytest.approx(400, rel=0.1)
        history = found["history"]
        assert len(history["at"]) == len(history["commits"]) >= 2


async def test_waits_are_sampled(each_server: PostgresServer) -> None:
    with each_server.connect() as sleeper:
        sleeper.pgconn.send_query(b"select pg_sleep(9)")
        wait_until_none(each_server, "select 1 - count(*) from pg_stat_activity where wait_event = 'PgSleep'")
        async with plugin_on(each_server) as plugin:
            found = await plugin.call("wait-sample", seconds=1, intervalMs=100)
        assert found["samples"] >= 8
        event = next(one for one in found["events"] if one["event"] == "PgSleep")
        assert (event["type"], event["count"]) == ("Timeout", found["samples"])
        assert "sleep" in event["description"].lower()
        assert found["queries"][0]["query"] == "select pg_sleep(9)"
        assert len(found["timeline"]["at"]) == found["samples"]
        each_server.run(f"select pg_terminate_backend({sleeper.info.backend_pid})")
        sleeper.pgconn.finish()
