"""Replication, WAL, settings: a real standby, slots, a failing archiver, checkpoints by the same names everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, OnServer, plugin_on, scratch_on, until
from tests.fixtures.fix_postgres_standby import standby_of

MB = 1024 * 1024
FIELDS = {"timed", "requested", "writeMs", "syncMs", "buffersWritten"}


@pytest.mark.parametrize("major", [13, 16, 18])
async def test_a38_lag_of_a_paused_standby(major: int) -> None:
    with PostgresServer(major, settings={"checkpoint_timeout": "1h", "max_wal_size": "2GB"}) as primary:
        primary.run("create table t (pad text); select pg_create_physical_replication_slot('for_standby')")
        with standby_of(primary, slot="for_standby") as standby, standby.connect(database="postgres") as control:
            async with plugin_on(primary) as plugin, plugin_on(standby) as on_standby:

                async def sender() -> dict[str, Any]:
                    found: list[dict[str, Any]] = (await plugin.call("replication"))["senders"]
                    return found[0]

                idle = await until(sender, lambda one: one["replayLagBytes"] == 0)
                assert (idle["replayLagMs"], idle["state"], idle["slot"]) == (0, "streaming", "for_standby")
                control.execute("select pg_wal_replay_pause()")
                primary.run("insert into t select repeat(md5(i::text), 30) from generate_series(1, 105000) i")
                lagging = await until(sender, lambda one: (one["replayLagBytes"] or 0) >= 90 * MB)
                assert lagging["applicationName"] == "standby"
                primary.run("insert into t select repeat('x', 900) from generate_series(1, 10000)")
                await until(sender, lambda one: one["replayLagBytes"] > lagging["replayLagBytes"] + 5 * MB)
                overview = await plugin.call("overview")
                assert "replication_lag" in {one["kind"] for one in overview["findings"]}
                there = await until(
                    lambda: on_standby.call("replication"), lambda one: (one["receiver"].get("replayLagBytes") or 0) > 0
                )
                assert there["role"] == "standby"
                assert there["recovery"]["isPaused"]
                seen = await on_standby.call("overview")
                assert seen["summary"]["inRecovery"]
                assert (await on_standby.call("capabilities"))["operations"]["slow-queries-install"][
                    "state"
                ] != "available"
                control.execute("select pg_wal_replay_resume()")
                await until(sender, lambda one: one["replayLagBytes"] == 0)
                cleared = await plugin.call("overview")
                assert "replication_lag" not in {one["kind"] for one in cleared["findings"]}
                await every_look_works(on_standby)


async def every_look_works(plugin: OnServer) -> None:
    """Ask a server in recovery for everything."""
    for name in ("stats", "sessions-list", "lock-tree", "locks-list", "vacuum-stats", "relations", "bloat", "indexes"):
        await plugin.call(name)
    for name in ("wraparound", "sequences", "progress", "wal", "settings", "databases", "schema", "slow-queries"):
        await plugin.call(name)
    assert await plugin.rows("select pg_is_in_recovery()") == [[True]]


async def test_a39_an_inactive_slot_retains_wal(each_server: PostgresServer) -> None:
    each_server.run("select pg_create_physical_replication_slot('idle_slot', true)")
    try:
        each_server.run("create table if not exists wal_maker (pad text)")
        each_server.run("insert into wal_maker select repeat('x', 900) from generate_series(1, 40000)")
        async with plugin_on(each_server) as plugin:
            slots = (await plugin.call("replication"))["slots"]
        [(expected,)] = each_server.run(
            "select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint from pg_replication_slots"
        )
        [slot] = slots
        assert (slot["name"], slot["active"], slot["type"]) == ("idle_slot", False, "physical")
        assert abs(slot["retainedBytes"] - int(str(expected))) <= 16 * MB
        assert slot["retainedBytes"] > 30 * MB
        assert slot["walStatus"] in ("reserved", "extended")
    finally:
        each_server.run("select pg_drop_replication_slot('idle_slot'); drop table wal_maker")


async def test_a40_checkpoints_have_the_same_fields_everywhere(any_server: PostgresServer) -> None:
    async with plugin_on(any_server) as plugin:
        before = await plugin.call("wal")
        assert before["checkpoints"].keys() >= FIELDS

        async def requested() -> int:
            return int((await plugin.call("wal"))["checkpoints"]["requested"])

        async def checkpoint(count: int) -> int:
            any_server.run("create table if not exists c (i int); drop table c; checkpoint")
            return int(await until(requested, lambda now: now > count))

        count = await checkpoint(before["checkpoints"]["requested"])  # before 15 earlier ones may be told only now
        assert await checkpoint(count) == count + 1
        after = await plugin.call("wal")
        assert after["walBytesPerS"] >= 0
        assert after["segmentCount"] > 0
        assert ("wal" in after) == (any_server.major >= 14)
        assert bool(after["io"]) == (any_server.major >= 16)


async def test_a41_a_failing_archiver_is_told() -> None:
    with PostgresServer(16, settings={"archive_mode": "on", "archive_command": "false"}) as server:
        server.run("select pg_switch_wal()")
        async with plugin_on(server) as plugin:
            found = await until(lambda: plugin.call("wal"), lambda one: one["archiver"]["isFailing"])
            assert found["archiver"]["failedCount"] >= 1
            overview = await plugin.call("overview")
            assert (overview["severity"], overview["exit"]) == ("critical", 2)
            assert overview["findings"][0]["kind"] == "archiver_failing"
            server.run("alter system set archive_command = '/bin/true'")
            server.run("select pg_reload_conf()")
            server.run("create table t (i int); drop table t; select pg_switch_wal()")

            async def kinds() -> set[str]:
                return {one["kind"] for one in (await plugin.call("overview"))["findings"]}

            await until(kinds, lambda now: "archiver_failing" not in now, timeout_s=75)


async def test_publications_and_subscriptions(each_server: PostgresServer) -> None:
    with scratch_on(each_server, "create table t (id int primary key); create publication p for table t"):
        async with plugin_on(each_server, url=each_server.url("su", SCRATCH)) as plugin:
            found = await plugin.call("replication")
            assert [(one["name"], one["tables"], one["allTables"]) for one in found["publications"]] == [
                ("p", 1, False)
            ]
            each_server.run(
                "create subscription s connection 'dbname=app' publication p with (connect = false)", SCRATCH
            )
            [one] = (await plugin.call("replication"))["subscriptions"]
            assert (one["name"], one["enabled"]) == ("s", False)
            each_server.run("alter subscription s set (slot_name = none)", SCRATCH)
            each_server.run("drop subscription s", SCRATCH)


async def test_settings_tell_source_change_and_pending_restart() -> None:
    with PostgresServer(16, settings={"work_mem": "8MB"}) as server:
        server.run("alter system set max_connections = 55")
        server.run("alter role plain set statement_timeout = '5s'")
        server.run("select pg_reload_conf()")
        async with plugin_on(server) as plugin:
            found = await until(lambda: plugin.call("settings"), lambda one: bool(one["pendingRestart"]))
            assert found["pendingRestart"] == ["max_connections"]
            by_name = {one["name"]: one for one in found["settings"]}
            assert by_name["work_mem"]["isChanged"]
            assert (by_name["work_mem"]["source"], by_name["work_mem"]["default"]) == ("configuration file", "4096")
            assert not by_name["geqo"]["isChanged"]
            assert by_name["max_connections"]["pendingRestart"]
            assert found["roleSettings"] == [{"role": "plain", "settings": ["statement_timeout=5s"]}]
            changed = await plugin.call("settings", changedOnly=True, search="work_mem")
            assert [one["name"] for one in changed["settings"]] == ["work_mem"]
            overview = await plugin.call("overview")
            assert "pending_restart" in {one["kind"] for one in overview["findings"]}
            assert (await plugin.call("stats"))["instance"]["pendingRestart"] == 1
