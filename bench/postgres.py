"""The postgres plugin on a large database: every look, beside psql with the same SQL, the lock tree, export, own load.

20,000 tables, 500 sessions, 5,000 statements; through the real host and the packaged plugin. `MC_BENCH_LOAD_S` is for
how long the own load is measured (120 s unless told otherwise; the issue's bar speaks of ten minutes).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from bench.processes import POSTGRES
from bench.report import Row, at_least, at_most
from bench.rows import growth_of
from mc_sql.queries import load_query
from mc_sql.testing import PostgresServer, list_majors, password_of
from tests.fixtures.fix_stack import Stack

TABLES, SESSIONS, STATEMENTS, WAITERS = 20_000, 500, 5_000, 300
ROUNDS = 12
P95 = 0.95
EXPORT_ROWS = 3_000_000
EXPORT = (
    "select i as id, md5(i::text) as a, md5((i + 1)::text) as b, md5((i + 2)::text) as c "
    f"from generate_series(1, {EXPORT_ROWS}) i"
)
LOAD_S = float(os.environ.get("MC_BENCH_LOAD_S", "120"))
FAST: dict[str, dict[str, Any]] = {
    "sessions-list": {"includeIdle": True},
    "stats": {},
    "locks-list": {},
    "lock-tree": {},
    "slow-queries": {},
    "statements-diff": {},
    "vacuum-stats": {},
    "wraparound": {},
    "progress": {},
    "replication": {},
    "wal": {},
    "settings": {},
    "databases": {},
    "capabilities": {},
    "overview": {},
    "relations": {},
    "bloat": {},
    "indexes": {},
    "sequences": {},
}
"""Those of the slow lane answer from their cache here; what measuring costs has rows of its own."""
SLOW = ("relations", "bloat", "indexes", "sequences")
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
BESIDE = {
    "sessions-list": ("sessions", {}),
    "vacuum-stats": ("vacuum_stats", {"limit": "100", "with_sizes": "true"}),
    "locks-list": ("locks", {"database": "''", "only_blocked": "false", "limit": "5000"}),
    "settings": ("settings", {}),
}
"""Looks whose cost is one query: psql runs the same text."""


def measure() -> list[Row]:
    """Measure all rows."""
    major = 17 if 17 in list_majors() else list_majors()[-1]
    settings: dict[str, str | int | bool] = {
        "max_connections": SESSIONS + WAITERS + 60,
        "max_locks_per_transaction": 512,
        "shared_buffers": "512MB",
    }
    with tempfile.TemporaryDirectory() as folder, PostgresServer(major, settings=settings) as server:
        with Stack(Path(folder) / "stack" / "host", POSTGRES, server) as stack:
            rows = export_rows(stack, server)
            rows += own_load(stack, server)
            fill(server)
            with sessions(server, SESSIONS):
                rows += looks(stack, server)
            with waiters(server, WAITERS):
                rows.append(at_most("lock tree with 300 waiters", p95(stack, "lock-tree", {}), "ms", 1000))
    return rows


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


def looks(stack: Stack, server: PostgresServer) -> list[Row]:
    """Return p95 of every look, and beside psql where a look is one query."""
    rows = []
    for name in SLOW:
        value = ask(stack, name, {"refresh": True})
        rows.append(at_most(f"{name}, measured anew (slow lane)", value, "ms", 3000))
    for name, params in FAST.items():
        rows.append(at_most(f"{name}, p95", p95(stack, name, params), "ms", 300))
    rows.append(at_most("schema of 2,000 of 20,000 tables", p95(stack, "schema", {}, rounds=3), "ms", 3000))
    status, first = stack.invoke("schema", {})
    assert status == 200
    rows.append(at_most("schema unchanged, by etag", p95(stack, "schema", {"etag": first["etag"]}), "ms", 50))
    for name, (query, values) in BESIDE.items():
        value = statistics.median(ask(stack, name, FAST[name]) for _ in range(ROUNDS))
        peer = statistics.median(psql(server, query, values) for _ in range(ROUNDS))
        rows.append(at_most(f"{name}, beside psql with the same SQL", value, "ms", 1.5, ratio=value / peer))
    return rows


def ask(stack: Stack, name: str, params: dict[str, Any]) -> float:
    """Return the ms that one call takes."""
    item = stack.item("app-db")
    started = time.perf_counter()
    status, answer = stack.request(f"/api/plugins/postgres/invoke/{name}?config_id={item}", params)
    assert status == 200, answer
    return (time.perf_counter() - started) * 1000


def p95(stack: Stack, name: str, params: dict[str, Any], rounds: int = ROUNDS) -> float:
    """Return the 95th percentile of some calls, after one that loads what is lazy."""
    ask(stack, name, params)
    values = sorted(ask(stack, name, params) for _ in range(rounds))
    return values[min(len(values) - 1, int(len(values) * P95))]


def psql(server: PostgresServer, query: str, values: dict[str, str]) -> float:
    """Return the ms that psql takes for one of our queries, its start included as our host's way is in ours."""
    text = load_query("mc_postgres", query).replace("%%", "%")
    for key, value in values.items():
        text = text.replace(f"%({key})s", value)
    started = time.perf_counter()
    run_psql(server, ["-c", text])
    return (time.perf_counter() - started) * 1000


def run_psql(server: PostgresServer, arguments: list[str], output: int = subprocess.DEVNULL) -> None:
    """Run psql over TCP as the plugin connects."""
    command = ["psql", "-X", "-A", "-t", "-h", "127.0.0.1", "-p", str(server.port), "-U", "su", "-d", "app", *arguments]
    env = {"PATH": os.environ["PATH"], "PGPASSWORD": password_of("su"), "PGSSLMODE": "disable"}
    subprocess.run(command, env=env, stdout=output, check=True)


def export_rows(stack: Stack, server: PostgresServer) -> list[Row]:
    """Return the speed of an export beside psql's, and the memory that it takes."""
    if shutil.which("psql") is None:
        return []
    export(stack, "select 1")
    direct = statistics.median(copy_by_psql(server) for _ in range(3))
    with growth_of(stack.plugin_pid()) as growth:
        ours = statistics.median(export(stack, EXPORT) for _ in range(3))
    return [
        at_least("export of 3,000,000 rows as CSV, share of psql's speed", direct / ours, "of \\copy", 0.5),
        at_most("plugin memory growth meanwhile", max(growth), "MiB", 64),
    ]


def copy_by_psql(server: PostgresServer) -> float:
    """Return the seconds that `\\copy … to stdout` into a pipe takes."""
    started = time.perf_counter()
    run_psql(server, ["-c", f"\\copy ({EXPORT}) to program 'cat > /dev/null' csv header"])
    return time.perf_counter() - started


def export(stack: Stack, statement: str) -> float:
    """Return the seconds until the last byte of an export has come through the host."""
    url = f"{stack.url}/api/plugins/postgres/proxy/query-export?config_id={stack.item('app-db')}"
    headers = {"Authorization": f"Bearer {stack.token()}", "Content-Type": "application/json"}
    body = f'{{"statement": "{statement}"}}'.encode()
    lines = 0
    started = time.perf_counter()
    with urlopen(Request(url, data=body, headers=headers), timeout=300) as answer:
        while block := answer.read(256 * 1024):
            lines += block.count(b"\n")
    assert lines == (EXPORT_ROWS + 1 if statement == EXPORT else 2), lines
    return time.perf_counter() - started


def own_load(stack: Stack, server: PostgresServer) -> list[Row]:
    """Return the share of a core that the server spends on us while all tabs poll."""
    server.run("create extension if not exists pg_stat_statements")
    for name in INTERVALS_S:
        ask(stack, name, {})
    before = backends_cpu_s(server)
    done = threading.Event()
    pollers = [threading.Thread(target=poll, args=(stack, name, every, done)) for name, every in INTERVALS_S.items()]
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


def poll(stack: Stack, name: str, every_s: float, done: threading.Event) -> None:
    """Ask as a page does: never faster than a hundred times what the last answer cost."""
    while not done.is_set():
        cost_ms = ask(stack, name, {})
        done.wait(max(every_s, cost_ms * COST_FACTOR / 1000))


def backends_cpu_s(server: PostgresServer) -> float:
    """Return the CPU seconds of the server's processes, those that have ended included."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(fields[at]) for at in (11, 12, 13, 14))
    for child in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split():
        values = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")
