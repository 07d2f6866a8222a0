"""A45: each condition, provoked on a real server, raises exactly its finding, and no other; repaired, it clears."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from mc_postgres import history
from mc_postgres.overview import server as server_limits
from mc_postgres.overview import upkeep as upkeep_limits
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import OnServer, plugin_on, until, wait_until_none
from tests.fixtures.fix_postgres_standby import standby_of

Provoked = AbstractContextManager[None]
URGENT = ("critical", "warning")
RAISED_S, CLEARED_S = 30.0, 45.0
WINDOW_S = 5.0
"""Counters are watched for that long here, and for a quarter of an hour outside of tests."""


@dataclass
class Condition:
    """What is wrong, how to make it so and to repair it: within the block it is provoked, after it repaired."""

    kind: str
    provoke: Callable[[PostgresServer], Provoked]
    name: str = ""
    major: int = 16
    server: Mapping[str, Any] = field(default_factory=dict)
    plugin: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def open(self, plain: PostgresServer) -> Iterator[PostgresServer]:
        """Yield a server as it needs one: the common one, emptied afterwards, or one of its own."""
        if self.server or self.major != plain.major:
            with PostgresServer(self.major, settings=self.server) as own:
                yield own
            return
        yield plain
        execute(plain, "drop schema public cascade", "create schema public", "select pg_stat_reset()")


@pytest.fixture(scope="module")
def plain() -> Iterator[PostgresServer]:
    """A server with nothing in it and no setting of its own."""
    with PostgresServer(16) as server:
        yield server


def execute(server: PostgresServer, *statements: str) -> None:
    for statement in statements:
        server.run(statement)


def end(server: PostgresServer, session: psycopg.Connection) -> None:
    """End a session, whatever it does or waits for."""
    server.run(f"select pg_terminate_backend({session.info.backend_pid})")
    session.pgconn.finish()


@contextmanager
def waiting(server: PostgresServer, statement: str) -> Iterator[None]:
    """A session that waits for a lock."""
    with server.connect() as waiter:
        waiter.pgconn.send_query(statement.encode())
        wait_until_none(server, "select 1 - count(*) from pg_locks where not granted")
        yield
        end(server, waiter)


@contextmanager
def blocked(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t (id int)", "insert into t values (1)")
    with server.connect() as holder:
        holder.execute("begin; update t set id = 1")
        with waiting(server, "update t set id = 2"):
            yield
        holder.execute("rollback")


@contextmanager
def blocked_by_prepared(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t (id int)", "begin; lock table t; prepare transaction 'forgotten'")
    with waiting(server, "insert into t values (1)"):
        yield
    execute(server, "rollback prepared 'forgotten'")


@contextmanager
def prepared(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t (id int)", "begin; insert into t values (1); prepare transaction 'forgotten'")
    yield
    execute(server, "commit prepared 'forgotten'")


@contextmanager
def idle(server: PostgresServer) -> Iterator[None]:
    with server.connect() as session:
        session.execute("begin; select 1")
        yield


@contextmanager
def long_running(server: PostgresServer) -> Iterator[None]:
    with server.connect() as session:
        session.pgconn.send_query(b"select pg_sleep(600)")
        yield
        end(server, session)


@contextmanager
def crowd(server: PostgresServer) -> Iterator[None]:
    sessions = [server.connect() for _ in range(15)]
    yield
    for session in sessions:
        session.close()


def burn(server: PostgresServer, transactions: int) -> None:
    """Use up transaction ids."""
    loop = f"for i in 1..{transactions} loop perform txid_current(); commit; end loop;"
    execute(server, f"do $$ begin {loop} end $$")


@contextmanager
def horizon(server: PostgresServer) -> Iterator[None]:
    with server.connect() as session:
        session.execute("begin isolation level repeatable read; select 1")
        burn(server, 12_000)
        yield


@contextmanager
def wraparound(server: PostgresServer) -> Iterator[None]:
    with server.connect() as holder:  # so that no vacuum can freeze before it was seen
        holder.execute("begin isolation level repeatable read; select txid_current()")
        burn(server, 120_000)
        yield
    for name in ("app", "other", "postgres", "template1"):
        server.run("vacuum (freeze)", name)


@contextmanager
def cold_cache(server: PostgresServer) -> Iterator[None]:
    execute(server, "select count(*) from large", "select count(*) from large")
    yield


@contextmanager
def deadlock(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t (id int primary key)", "insert into t values (1), (2)")
    with server.connect() as one, server.connect() as two:
        one.execute("begin; update t set id = id where id = 1")
        two.execute("begin; update t set id = id where id = 2")
        one.pgconn.send_query(b"update t set id = id where id = 2")
        with suppress(psycopg.errors.DeadlockDetected):  # one of the two is chosen
            two.execute("update t set id = id where id = 1")
        for session in (one, two):  # an open transaction's backend has not told its counters yet
            end(server, session)
    yield


@contextmanager
def rollbacks(server: PostgresServer) -> Iterator[None]:
    with server.connect() as session:
        for _ in range(200):
            session.execute("begin; select 1; rollback")
    yield


@contextmanager
def forced_checkpoints(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t (id int)")
    for _ in range(4):
        execute(server, "insert into t values (1)", "checkpoint")
    yield


@contextmanager
def damaged_page(server: PostgresServer) -> Iterator[None]:
    with pytest.raises(psycopg.errors.DataCorrupted):
        server.run("select count(*) from damaged")
    yield
    execute(server, "drop table damaged", "select pg_stat_reset()")


@contextmanager
def lagging_standby(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t (pad text)", "select pg_create_physical_replication_slot('for_standby')")
    with standby_of(server, slot="for_standby") as standby, standby.connect(database="postgres") as control:
        control.execute("select pg_wal_replay_pause()")
        server.run("insert into t select repeat('x', 900) from generate_series(1, 90000)")
        yield
        control.execute("select pg_wal_replay_resume()")
        lag = "pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)"
        wait_until_none(server, f"select count(*) from pg_stat_replication where {lag} > 1000000", 20)
        execute(server, "select pg_switch_wal()")
    execute(server, "select pg_drop_replication_slot('for_standby')")


def switch_wal(server: PostgresServer, segments: int) -> None:
    """Use up segments of 16 MB."""
    with server.connect() as session:
        for _ in range(segments):
            session.execute("select pg_logical_emit_message(true, 'test', 'x')")
            session.execute("select pg_switch_wal()")


@contextmanager
def idle_slot(server: PostgresServer) -> Iterator[None]:
    execute(server, "select pg_create_physical_replication_slot('nobody', true)")
    switch_wal(server, 66)
    yield
    execute(server, "select pg_drop_replication_slot('nobody')")


@contextmanager
def lost_slot(server: PostgresServer) -> Iterator[None]:
    execute(server, "select pg_create_physical_replication_slot('nobody', true)")
    switch_wal(server, 8)
    execute(server, "checkpoint")
    yield
    execute(server, "select pg_drop_replication_slot('nobody')")


@contextmanager
def failing_archiver(server: PostgresServer) -> Iterator[None]:
    execute(server, "alter system set archive_command = 'false'", "select pg_reload_conf()")
    switch_wal(server, 1)
    yield
    execute(server, "alter system set archive_command = '/bin/true'", "select pg_reload_conf()")
    # A failing archiver sleeps for a minute, unless it is sent for.
    [(pid,)] = server.run("select pid from pg_stat_activity where backend_type = 'archiver'")
    execute(server, f"select pg_terminate_backend({pid})")
    switch_wal(server, 1)


@contextmanager
def overdue(server: PostgresServer) -> Iterator[None]:
    execute(
        server,
        "create table dead (id int) with (autovacuum_enabled = off)",
        "insert into dead select generate_series(1, 60000)",
        "delete from dead where id % 2 = 0",
        "analyze dead",
    )
    yield
    execute(server, "vacuum dead")


@contextmanager
def bloat(server: PostgresServer) -> Iterator[None]:
    execute(
        server,
        "create table fat (id int, pad text) with (autovacuum_enabled = off)",
        "insert into fat select i, repeat('x', 200) || i from generate_series(1, 100000) i",
        "delete from fat where id % 20 <> 0",
        "vacuum analyze fat",
    )
    yield
    execute(server, "vacuum full fat", "analyze fat")


@contextmanager
def key_without_index(server: PostgresServer) -> Iterator[None]:
    execute(
        server,
        "create table parent (id int primary key)",
        "insert into parent select generate_series(1, 1000)",
        "create table child (parent int references parent, pad text)",
        "insert into child select i % 1000 + 1, repeat('y', 100) from generate_series(1, 30000) i",
        "analyze",
    )
    yield
    execute(server, "create index on child (parent)")


@contextmanager
def read_from_end_to_end(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t as select generate_series(1, 20000) as id", "analyze t")
    with server.connect() as session:
        for _ in range(60):
            session.execute("select count(*) from t where id = 5")
    yield
    execute(server, "create index on t (id)", "analyze t")
    with server.connect() as session:
        for _ in range(100):
            session.execute("select id from t where id = 5")


@contextmanager
def broken_index(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table broken (id int)", "insert into broken values (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        server.run("create unique index concurrently broken_id on broken (id)")
    yield
    execute(server, "drop index broken_id")


@contextmanager
def sequence_near_its_end(server: PostgresServer) -> Iterator[None]:
    execute(server, "create table t (id serial)", "select setval('t_id_seq', 2000000000)")
    yield
    execute(server, "alter sequence t_id_seq as bigint", "alter table t alter id type bigint")


CONDITIONS = [
    Condition("blocked", blocked, "A19", plugin={"blocked_s": 1}),
    Condition("blocked", blocked_by_prepared, "A20 prepared", plugin={"blocked_s": 1, "long_transaction_s": 1}),
    Condition("prepared_transaction", prepared, plugin={"long_transaction_s": 1}),
    Condition("idle_in_transaction", idle, plugin={"idle_in_transaction_s": 1}),
    Condition("long_transaction", long_running, plugin={"long_transaction_s": 1}),
    Condition("connections", crowd, server={"max_connections": 20}),
    Condition("cache_hit", cold_cache, server={"shared_buffers": "1MB"}),
    Condition("deadlocks", deadlock, server={"deadlock_timeout": "50ms"}),
    Condition("rollbacks", rollbacks),
    Condition("bloat", bloat, "A31"),
    Condition("horizon", horizon, "A33"),
    Condition("sequence", sequence_near_its_end, "A35"),
    Condition("invalid_index", broken_index, "A36"),
    Condition("missing_index", key_without_index, "A36 key"),
    Condition("missing_index", read_from_end_to_end, "A36 scans"),
    Condition("replication_lag", lagging_standby, "A38", server={"checkpoint_timeout": "1h", "max_wal_size": "2GB"}),
    Condition("slot_retained", idle_slot, "A39", server={"max_wal_size": "4GB", "checkpoint_timeout": "1h"}),
    Condition("slot_lost", lost_slot, server={"max_slot_wal_keep_size": "32MB", "max_wal_size": "64MB"}),
    Condition("checkpoints_requested", forced_checkpoints, "A40"),
    Condition("checkpoints_requested", forced_checkpoints, "A40 17", major=17),
    Condition(
        "archiver_failing", failing_archiver, "A41", server={"archive_mode": "on", "archive_command": "/bin/true"}
    ),
    Condition("autovacuum_overdue", overdue),
    Condition("wraparound", wraparound, server={"autovacuum_freeze_max_age": 100_000, "autovacuum_naptime": "1s"}),
    Condition("checksum_failures", damaged_page, major=18),
]


async def urgent(plugin: OnServer) -> set[str]:
    """Return the kinds of the findings that count."""
    return {one["kind"] for one in (await plugin.call("overview"))["findings"] if one["severity"] in URGENT}


def prepare(server: PostgresServer, kind: str) -> None:
    """Bring in what has to be there before the first look."""
    if kind == "cache_hit":
        execute(
            server, "create table large as select repeat('x', 900) as pad from generate_series(1, 110000)", "analyze"
        )
    elif kind == "checksum_failures":
        execute(server, "create table damaged as select generate_series(1, 1000)", "checkpoint")
        [(path,)] = server.run("select pg_relation_filepath('damaged')")
        server.stop()
        with (server.data_dir / str(path)).open("r+b") as file:
            file.seek(8192 + 4000)
            file.write(b"damaged")
        server.start()


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda one: f"{one.kind} {one.name}".strip())
async def test_a45_raises_exactly_its_finding_and_clears_after_repair(
    condition: Condition, plain: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mc_postgres.slow_lane._Kept.is_fresh", lambda *_: False)
    monkeypatch.setattr(history, "KEEP_S", WINDOW_S)
    monkeypatch.setattr(history, "CHECKPOINTS_KEEP_S", WINDOW_S)
    monkeypatch.setattr(history, "CHECKPOINTS_GAP_S", 0.5)
    monkeypatch.setattr(server_limits, "MIN_CHECKPOINT_SECONDS", 0.5)
    if condition.kind == "horizon":
        monkeypatch.setattr(upkeep_limits, "HORIZON_AGE", 10_000)
    with condition.open(plain) as server:
        prepare(server, condition.kind)
        async with plugin_on(server, settings=condition.plugin) as plugin:
            assert await urgent(plugin) == set()
            with condition.provoke(server):
                await until(lambda: urgent(plugin), lambda found: found == {condition.kind}, RAISED_S)
            await until(lambda: urgent(plugin), lambda found: not found, CLEARED_S)
