"""Statements: on every version of the extension, without it, as snapshots and what happened between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mc_postgres.statements.columns import METRICS, CounterColumns, Snapshot, make_snapshot, pack, unpack
from mc_postgres.statements.comparing import compare
from mc_postgres.statements.store import MAX_SNAPSHOTS, SnapshotStore, least_missed, snapshot_id
from mc_sdk import Forbidden, NotFound, OperationError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, plugin_on, plugin_on_scratch, scratch_on

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a43_statements_are_listed_from_any_schema(any_server: PostgresServer) -> None:
    with scratch_on(any_server, "create schema ext; create extension pg_stat_statements schema ext"):
        any_server.run("select 4711 as sentinel", SCRATCH)
        async with plugin_on_scratch(any_server) as plugin:
            found = await plugin.call("slow-queries", search="SENTINEL")
            [one] = found["queries"]
            assert found["available"]
            assert one["calls"] == 1
            assert one["query"] == "select $1 as sentinel"
            assert one["pctTotal"] == 100.0
            assert found["stats"]["max"] == 5000
            everything = await plugin.call("slow-queries")
            assert not [row for row in everything["queries"] if "mission-control" in row["query"]]
            for sort in ("total", "mean", "calls", "io", "temp", "wal", "rows"):
                assert (await plugin.call("slow-queries", sort=sort, limit=2))["queries"]


async def test_what_is_missing_is_told_and_can_be_installed(each_scratch: PostgresServer) -> None:
    async with plugin_on_scratch(each_scratch) as plugin:
        found = await plugin.call("slow-queries")
        assert (found["available"], found["reason"], found["canInstall"]) == (False, "not_installed", True)
        assert (await plugin.call("statements-diff"))["reason"] == "not_installed"
        installed = await plugin.call("slow-queries-install")
        assert installed["installed"]
        assert installed["sharedPreloadConfigured"]
        assert "warning" not in installed
        assert (await plugin.call("slow-queries"))["available"]
    async with plugin_on_scratch(each_scratch, "plain") as plugin:
        assert (await plugin.call("slow-queries-install"))["installed"]  # it is there already
    each_scratch.run("drop extension pg_stat_statements", SCRATCH)
    async with plugin_on_scratch(each_scratch, "plain") as plugin:
        with pytest.raises(Forbidden, match="create extension pg_stat_statements"):
            await plugin.call("slow-queries-install")
    async with plugin_on_scratch(each_scratch, roles=("write",)) as plugin:
        with pytest.raises(Forbidden, match="role 'operate'"):
            await plugin.call("slow-queries-install")


async def test_a_server_that_did_not_preload_says_so() -> None:
    with PostgresServer(16, settings={"shared_preload_libraries": ""}) as server:
        server.run("create extension pg_stat_statements")
        for user in ("su", "plain"):
            async with plugin_on(server, user=user) as plugin:
                found = await plugin.call("slow-queries")
                assert (found["available"], found["reason"], found["canInstall"]) == (False, "not_preloaded", False)


async def test_a_role_without_the_view_gets_the_grant(each_scratch: PostgresServer) -> None:
    each_scratch.run("create extension pg_stat_statements; revoke all on pg_stat_statements from public", SCRATCH)
    each_scratch.run("revoke execute on function pg_stat_statements(boolean) from public", SCRATCH)
    async with plugin_on_scratch(each_scratch, "plain") as plugin:
        found = await plugin.call("slow-queries")
        assert (found["available"], found["reason"]) == (False, "not_permitted")
        assert found["needs"][0]["grant"].startswith("GRANT ")


async def test_a44_hidden_statements_are_counted(each_scratch: PostgresServer) -> None:
    each_scratch.run("create extension pg_stat_statements; select 1 as of_a_superuser", SCRATCH)
    async with plugin_on_scratch(each_scratch, "plain") as plugin:
        found = await plugin.call("slow-queries")
        assert found["hiddenCount"] > 0
        assert "pg_read_all_stats" in found["needs"][0]["grant"]
        assert not [row for row in found.get("queries", []) if "insufficient privilege" in row["query"]]


async def test_a42_a_diff_counts_what_ran_in_between(each_scratch: PostgresServer) -> None:
    each_scratch.run("create extension pg_stat_statements", SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        first = await plugin.call("statements-snapshot")
        with each_scratch.connect(database=SCRATCH) as client:
            for _ in range(1000):
                client.execute("select 4712 as sentinel")
        second = await plugin.call("statements-snapshot")
        found = await plugin.call("statements-diff", **{"from": first["id"], "to": second["id"]})
        [one] = found["statements"]
        assert (one["calls"], one["query"], one["new"]) == (1000, "select $1 as sentinel", True)
        assert one["callsPerS"] > 0
        assert not found["reset"]
        listed = await plugin.call("statements-snapshots")
        assert [row["id"] for row in listed["snapshots"]] == [first["id"], second["id"]]
        await plugin.call("statements-reset")
        each_scratch.run("select 4712 as sentinel", SCRATCH)
        after = await plugin.call("statements-diff", **{"from": first["id"]})
        assert after["reset"]
        assert [row["calls"] for row in after["statements"] if "sentinel" in row["query"]] == [1]
        assert min(row["totalExecTimeMs"] for row in after["statements"]) >= 0
        with pytest.raises(NotFound, match="no snapshot"):
            await plugin.call("statements-diff", **{"from": "20200101T000000000000"})


async def test_snapshots_belong_to_their_item(scratch: PostgresServer) -> None:
    scratch.run("create extension pg_stat_statements", SCRATCH)
    async with plugin_on_scratch(scratch) as plugin:
        taken = await plugin.call("statements-snapshot")
        other = "5b4a2d3e-0000-4000-8000-000000000002"
        plugin.host.items[other] = plugin.host.items[next(iter(plugin.host.items))]
        plugin.host.connections[other] = next(iter(plugin.host.connections.values()))
        assert (await plugin.call("statements-snapshots", item=other))["snapshots"] == []
        with pytest.raises(OperationError):
            await plugin.call("statements-diff", item=other, **{"from": taken["id"]})


async def test_snapshots_outlive_the_plugin(scratch: PostgresServer, tmp_path: Path) -> None:
    scratch.run("create extension pg_stat_statements", SCRATCH)
    settings = {"snapshot_folder": str(tmp_path / "snapshots")}
    async with plugin_on_scratch(scratch, settings=settings) as plugin:
        taken = await plugin.call("statements-snapshot")
    scratch.run("select 4713 as sentinel", SCRATCH)
    async with plugin_on_scratch(scratch, settings=settings) as plugin:
        found = await plugin.call("statements-diff", **{"from": taken["id"]}, search="sentinel")
        assert [row["calls"] for row in found["statements"]] == [1]
    files = [path for path in (tmp_path / "snapshots").rglob("*") if path.is_file()]
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    for path in files:
        path.write_bytes(b"damaged")
    async with plugin_on_scratch(scratch, settings=settings) as plugin:
        with pytest.raises(NotFound, match="cannot be read"):
            await plugin.call("statements-diff", **{"from": taken["id"]})


async def test_a_clock_that_was_set_back_neither_stops_snapshots_nor_gives_rates(
    scratch: PostgresServer, tmp_path: Path
) -> None:
    scratch.run("create extension pg_stat_statements", SCRATCH)
    settings = {"snapshot_folder": str(tmp_path)}
    async with plugin_on_scratch(scratch, settings=settings) as plugin:
        await plugin.call("statements-snapshot")
    [path] = tmp_path.rglob("*.snapshot")
    later = datetime.now(UTC) + timedelta(hours=2)  # what the clock said then, before it was set right
    ahead = path.rename(path.with_name(f"{snapshot_id(later)}-{path.stem.partition('-')[2]}.snapshot"))
    scratch.run("select 4714 as sentinel", SCRATCH)
    async with plugin_on_scratch(scratch, settings=settings) as plugin:
        found = await plugin.call("statements-diff", **{"from": ahead.stem}, search="sentinel")
        [one] = found["statements"]
        assert (found["seconds"], one["calls"]) == (0.0, 1)
        assert "callsPerS" not in one and "callsPerS" not in found["totals"]
        assert len((await plugin.call("statements-snapshots"))["snapshots"]) == 2


def snapshot(calls: dict[int, float], reset: datetime | None = None) -> Snapshot:
    """Return a snapshot of statements by query id."""
    counts = list(calls.values())
    values: dict[str, Any] = dict.fromkeys(METRICS, counts)
    columns = CounterColumns(
        hidden=0, query_id=list(calls), user_id=[10] * len(calls), toplevel=[True] * len(calls), **values
    )
    return make_snapshot(columns, NOW, reset, 0)


def test_a_snapshot_survives_packing() -> None:
    made = snapshot({1: 5, 2: 7.5}, NOW)
    again = unpack(pack(made))
    assert (again.keys, again.metrics, again.stats_reset) == (made.keys, made.metrics, NOW)
    with pytest.raises(ValueError, match="not a snapshot"):
        unpack(b"damaged")


@pytest.mark.parametrize(
    ("before", "after", "calls", "is_reset", "evicted"),
    [
        ({1: 5}, {1: 8}, [3], False, 0),
        ({1: 5}, {1: 5}, [], False, 0),
        ({1: 5}, {1: 5, 2: 4}, [4], False, 0),
        ({1: 5, 2: 4}, {1: 6}, [1], False, 1),
        ({1: 5}, {1: 2}, [2], True, 0),
        ({}, {1: 2}, [2], False, 0),
        ({1: 5}, {}, [], True, 0),
    ],
)
def test_deltas_are_never_negative(
    before: dict[int, float], after: dict[int, float], calls: list[float], is_reset: bool, evicted: int
) -> None:
    found = compare(snapshot(before), snapshot(after))
    assert [one.value("calls") for one in found.deltas] == calls
    assert (found.is_reset, found.evicted) == (is_reset, evicted)


def test_what_is_gone_without_an_eviction_was_reset() -> None:
    found = compare(snapshot({1: 5, 2: 4}, NOW), snapshot({1: 6}, NOW))
    assert [one.value("calls") for one in found.deltas] == [1]
    assert (found.is_reset, found.evicted) == (True, 0)


def test_the_past_thins_out() -> None:
    times = [NOW + timedelta(minutes=minute) for minute in range(10)]
    assert least_missed(times) not in (0, 9)
    for minute in range(10, 500):
        times.append(NOW + timedelta(minutes=minute))
        if len(times) > 10:
            del times[least_missed(times)]
    gaps = [(two - one).total_seconds() for one, two in pairwise(times)]
    assert times[0] == NOW
    assert gaps[0] > gaps[-1]


async def test_the_store_is_bounded_and_works_without_its_folder(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = SnapshotStore(str(blocked / "folder"), 1024 * 1024)
    shelf = await store.shelf(("item", "db"))
    for number in range(MAX_SNAPSHOTS + 10):
        await store.add(("item", "db"), NOW + timedelta(minutes=number), 1, b"x" * 100)
    assert len(shelf.kept) == MAX_SNAPSHOTS
    assert await store.read(("item", "db"), shelf.kept[-1]) == b"x" * 100
