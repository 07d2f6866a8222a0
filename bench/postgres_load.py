"""What a server is under in the bench: tables, statements, sessions, waiters, pgbench; and our own load on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.report import Row, at_most
from mc_sql.testing import PostgresServer, password_of

TABLES, SESSIONS, STATEMENTS, WAITERS = 20_000, 500, 5_000, 300
LOAD_S = float(os.environ.get("MC_BENCH_LOAD_S", "120"))
PGBENCH_SCALE, PGBENCH_CLIENTS, PGBENCH_RATE = 5, 8, 100
"""Enough for writes, locks and dead rows all the time, and little enough that two cores have room for the looks."""
INTERVALS_S = {
    "overview": 10.0,
    "stats": 10.0,
    "sessions-list": 5.0,
    "lock-tree": 5.0,
    "statements-diff": 30.0,
    "vacuum-stats": 30.0,
    "relations": 30.0,
    "bloat": 30.0,
    "indexes": 30.0,
    "sequences": 30.0,
    "wraparound": 30.0,
    "progress": 10.0,
    "replication": 10.0,
    "wal": 30.0,
    "settings": 30.0,
}
COST_FACTOR = 100


def fill(server: PostgresServer) -> None:
    """Make tables and statements."""
    make = "create table t{0} (id int primary key, a text, b int); "
    for start in range(0, TABLES, 500):
        server.run("".join(make.format(number) for number in range(start, start + 500)))
    server.run("analyze", "app")
    server.run("create extension if not exists pg_stat_statements")
    with server.connect() as db:
        for number in range(STATEMENTS):
            db.execute(f"select 1 as s{number}".encode())


@contextmanager
def sessions(server: PostgresServer, count: int) -> Iterator[None]:
    """Hold idle sessions."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(server.connect())
        yield


@contextmanager
def waiters(server: PostgresServer, count: int) -> Iterator[None]:
    """Hold a row, and sessions that wait for it."""
    server.run("drop table if exists queue; create table queue (id int); insert into queue values (1)")
    clients: list[psycopg.Connection[Any]] = [server.connect() for _ in range(count + 1)]
    clients[0].execute("begin; update queue set id = 2")
    for client in clients[1:]:
        client.pgconn.send_query(b"update queue set id = 3")
    while server.run("select count(distinct pid) from pg_locks where not granted") != [(count,)]:
        time.sleep(0.05)
    try:
        yield
    finally:
        for client in reversed(clients):
            client.pgconn.finish()


@contextmanager
def pgbench(server: PostgresServer) -> Iterator[None]:
    """Run pgbench's own transactions at a fixed rate in database `other`, made before the load begins."""
    env = {"PATH": os.environ["PATH"], "PGPASSWORD": password_of("su"), "PGSSLMODE": "disable"}
    common = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "su", "other"]
    fill_it = ["pgbench", "-i", "-q", "-s", str(PGBENCH_SCALE), *common]
    subprocess.run(fill_it, env=env, capture_output=True, check=True)
    run = ["pgbench", "-n", "-c", str(PGBENCH_CLIENTS), "-R", str(PGBENCH_RATE), "-T", "3600", *common]
    process = subprocess.Popen(run, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)  # until all clients have begun
        assert process.poll() is None, "pgbench ended"
        yield
    finally:
        process.terminate()
        process.wait()


def has_pgbench() -> bool:
    """Say whether the machine has pgbench (Debian: postgresql-contrib); the servers' own package lacks it."""
    return shutil.which("pgbench") is not None


Ask = Callable[[str], float]


def own_load(ask: Ask, server: PostgresServer) -> list[Row]:
    """Return the share of a core that the server spends on us while all tabs poll."""
    server.run("create extension if not exists pg_stat_statements")
    for name in INTERVALS_S:
        ask(name)
    before = backends_cpu_s(server)
    done = threading.Event()
    pollers = [threading.Thread(target=poll, args=(ask, name, every, done)) for name, every in INTERVALS_S.items()]
    for poller in pollers:
        poller.start()
    started = time.monotonic()
    done.wait(LOAD_S)
    elapsed = time.monotonic() - started
    used = backends_cpu_s(server) - before
    done.set()
    for poller in pollers:
        poller.join()
    return [at_most(f"own load on the server, all tabs, {LOAD_S:g} s", used * 100 / elapsed, "% core", 1)]


def poll(ask: Ask, name: str, every_s: float, done: threading.Event) -> None:
    """Ask as a page does: never faster than a hundred times what the last answer cost."""
    while not done.is_set():
        cost_ms = ask(name)
        done.wait(max(every_s, cost_ms * COST_FACTOR / 1000))


def backends_cpu_s(server: PostgresServer) -> float:
    """Return the CPU seconds of the server's processes, those that have ended included."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(fields[at]) for at in (11, 12, 13, 14))
    for child in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split():
        values = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")
