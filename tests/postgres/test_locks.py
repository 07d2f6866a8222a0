"""Locks: the tree with its cause on top, prepared transactions, other databases, many waiters, locked tables."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from mc_postgres.locks.graph import find_waiters, grow_forest
from mc_postgres.locks.rows import TreeLockRow
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import OnServer, plugin_on, wait_until_none

Client = psycopg.Connection[Any]
WAITING = "select {count} - count(distinct pid) from pg_locks where not granted"
MANY = 300


class Clients:
    """Sessions on one server; those that wait are sent their statement and left alone."""

    def __init__(self, server: PostgresServer, stack: ExitStack) -> None:
        self._server, self._stack = server, stack
        self._waiting = 0

    def open(self, *statements: str, database: str = "app") -> Client:
        """Return a session that has run some statements."""
        client = self._stack.enter_context(self._server.connect(database=database))
        for statement in statements:
            client.execute(statement.encode())
        self._stack.callback(client.pgconn.finish)
        return client

    def wait(self, statement: str, *before: str, database: str = "app") -> Client:
        """Return a session that waits in `statement`."""
        client = self.open(*before, database=database)
        client.pgconn.send_query(statement.encode())
        self._waiting += 1
        wait_until_none(self._server, WAITING.format(count=self._waiting))
        return client


@pytest.fixture
def clients(each_server: PostgresServer) -> Iterator[Clients]:
    """Makes sessions on each server, gone after the test."""
    with ExitStack() as stack:
        yield Clients(each_server, stack)
        # Closed one by one, a waiter whose blocker has gone would still run.
        each_server.run(f"select pg_terminate_backend(pid) from ({OTHERS}) a")
        wait_until_none(each_server, f"select count(*) from ({OTHERS}) a")


OTHERS = "select pid from pg_stat_activity where application_name = 'test' and pid <> pg_backend_pid()"


def pid_of(client: Client) -> int:
    """Return the backend's process id."""
    return client.info.backend_pid


def chain(node: dict[str, Any]) -> list[int]:
    """Return the pids from a node down along its first children."""
    return [node["pid"], *(chain(node["children"][0]) if node["children"] else [])]


async def test_a19_a_queue_hangs_below_its_cause(each_plugin: OnServer, clients: Clients) -> None:
    writer = clients.open("begin", "update orders set note = 'first' where id = 1")
    second = clients.wait("update orders set note = 'second' where id = 1")
    alter = clients.wait("alter table orders add column scratch int", "begin")
    reader = clients.wait("select count(*) from orders")
    tree = await each_plugin.call("lock-tree")
    [root] = tree["roots"]
    assert chain(root) == [pid_of(writer), pid_of(second), pid_of(alter), pid_of(reader)]
    assert (root["blockedCount"], root["isRoot"], root["kind"]) == (3, True, "backend")
    assert root["state"] == "idle in transaction"
    assert root["query"] == "update orders set note = 'first' where id = 1"
    assert root["lastQuery"]
    assert "transaction open for" in root["note"]
    waiting = root["children"][0]
    assert waiting["waitingFor"]["lockType"] == "transactionid"
    assert waiting["edge"] == "hard"
    altering = waiting["children"][0]
    assert altering["waitingFor"] | {"relation": "orders", "mode": "AccessExclusiveLock"} == altering["waitingFor"]
    assert altering["children"][0]["edge"] == "queue"
    assert tree["waiterCount"] == 3
    assert tree["deadlockSuspects"] == []
    listed = await each_plugin.call("locks-list", onlyBlocked=True)
    roots = {row["pid"] for row in listed if row.get("isRoot")}
    assert roots == {pid_of(writer)}
    assert all(row["waitMs"] >= 0 for row in listed if not row["granted"])


async def test_a20_a_prepared_transaction_is_a_root(
    each_plugin: OnServer, each_server: PostgresServer, clients: Clients
) -> None:
    each_server.run("begin; update orders set note = note where id = 1; prepare transaction 'it''s forgotten'")
    try:
        waiter = clients.wait("update orders set note = 'second' where id = 1")
        [root] = (await each_plugin.call("lock-tree"))["roots"]
        assert (root["kind"], root["preparedGid"], root["pid"]) == ("prepared", "it's forgotten", 0)
        assert [child["pid"] for child in root["children"]] == [pid_of(waiter)]
        [item] = (await each_plugin.call("prepared-transactions"))["items"]
        assert (item["gid"], item["database"], item["owner"]) == ("it's forgotten", "app", "su")
        listed = await each_plugin.call("locks-list", onlyBlocked=True)
        assert "it's forgotten" in {row.get("preparedGid") for row in listed if row.get("isRoot")}
    finally:
        each_server.run("rollback prepared 'it''s forgotten'")


async def test_a20_relations_of_two_databases_are_named(each_plugin: OnServer, clients: Clients) -> None:
    clients.open("create table if not exists far_away (id int)", database="other")
    clients.open("begin", "lock table far_away in access exclusive mode", database="other")
    clients.wait("select * from far_away", database="other")
    clients.open("begin", "lock table orders in access exclusive mode")
    clients.wait("select * from orders")
    roots = (await each_plugin.call("lock-tree"))["roots"]
    names = {child["waitingFor"]["relation"] for root in roots for child in root["children"]}
    assert names == {"far_away", "orders"}
    only = (await each_plugin.call("lock-tree", database="other"))["roots"]
    assert [child["waitingFor"]["relation"] for root in only for child in root["children"]] == ["far_away"]


async def test_a9_nothing_waits_for_a_locked_table(each_plugin: OnServer, clients: Clients) -> None:
    async def all_answer() -> None:
        for operation in ("vacuum-stats", "schema", "locks-list", "overview", *SLOW_LANE):
            started = time.monotonic()
            params: dict[str, Any] = {"refresh": True} if operation in SLOW_LANE else {}
            await each_plugin.call(operation, **params)
            assert time.monotonic() - started < 3, operation

    holder = clients.open("begin", "lock table orders in access exclusive mode")
    await all_answer()
    row = next(one for one in await each_plugin.call("vacuum-stats") if one["table"] == "orders")
    assert (row["sizeBytes"], row["isLocked"]) == (None, True)
    found = await each_plugin.call("relations", refresh=True)
    assert next(one for one in found["relations"] if one["name"] == "orders")["sizeBytes"] is None
    assert "orders" in found["warnings"][0]
    holder.execute("rollback")
    clients.open("begin", "lock table orders in access share mode")
    clients.wait("alter table orders add column scratch int", "begin")
    await all_answer()


SLOW_LANE = ("bloat", "indexes", "relations", "sequences")


async def test_short_waits_can_be_left_out(each_plugin: OnServer, clients: Clients) -> None:
    clients.open("begin", "update orders set note = 'first' where id = 1")
    clients.wait("update orders set note = 'second' where id = 1")
    assert (await each_plugin.call("lock-tree", minWaitMs=3_600_000))["roots"] == []
    assert len((await each_plugin.call("lock-tree", minWaitMs=0))["roots"]) == 1


async def test_a20_300_waiters_are_a_flat_list_in_under_a_second() -> None:
    settings = {"max_connections": MANY + 50}
    with PostgresServer(16, settings=settings) as server, ExitStack() as stack:
        server.run("create table t (id int primary key, v int); insert into t values (1, 1)")
        server.run("create extension pg_stat_statements", "app")
        clients = [stack.enter_context(server.connect()) for _ in range(MANY + 1)]
        for client in clients:
            stack.callback(client.pgconn.finish)
        clients[0].execute("begin; update t set v = 2")
        for client in clients[1:]:
            client.pgconn.send_query(b"update t set v = 3")
        await asyncio.to_thread(wait_until_none, server, WAITING.format(count=MANY), 30)
        async with plugin_on(server) as plugin:
            await plugin.call("version")
            started = time.monotonic()
            tree = await plugin.call("lock-tree")
            assert time.monotonic() - started < 1
        [root] = tree["roots"]
        assert root["blockedCount"] == MANY
        [first] = root["children"]
        assert len(first["children"]) == MANY - 1
        assert all(not child["children"] for child in first["children"])
        assert count_calls(server) <= MANY


def count_calls(server: PostgresServer) -> float:
    """Return how often the tree's query calls pg_blocking_pids, by the server's own count."""
    from mc_sql.queries import load_query

    text = load_query("mc_postgres", "lock_tree")
    rows = server.run(f"explain (analyze, verbose, format json) {text}")
    found: list[float] = []

    def walk(node: dict[str, Any]) -> None:
        if any("pg_blocking_pids" in str(value) for value in node.get("Output", [])):
            found.append(node["Actual Rows"] * node["Actual Loops"])
        for child in node.get("Plans", []):
            walk(child)

    plan: Any = rows[0][0]
    walk(plan[0]["Plan"])
    return max(found)


def row(pid: int, blockers: list[int] | None, *, granted: bool, mode: str = "ExclusiveLock") -> TreeLockRow:
    """Return a row about one and the same lock."""
    values: dict[str, Any] = dict.fromkeys(TreeLockRow.__struct_fields__)
    return TreeLockRow(
        **(values | {"pid": pid, "blockers": blockers, "granted": granted, "mode": mode, "lock_type": "advisory"})
    )


def test_a_ring_is_told_and_cut() -> None:
    waiters = find_waiters([row(1, [2], granted=False), row(2, [1], granted=False), row(3, [2], granted=False)])
    forest = grow_forest(waiters)
    assert forest.cycles == [[1, 2]]
    assert set(forest.depths) == {1, 2, 3}
    assert forest.depths[1] == 1


def test_a_waiter_hangs_below_its_deepest_hard_blocker() -> None:
    rows = [
        row(1, None, granted=True),
        row(2, [1], granted=False),
        row(2, [1], granted=True, mode="AccessShareLock"),
        row(3, [1, 2], granted=False),
        row(4, [1, 2, 3], granted=False),
    ]
    forest = grow_forest(find_waiters(rows))
    assert forest.parents == {2: 1, 3: 1, 4: 1}
