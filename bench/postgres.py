"""The postgres plugin on a large database: every look, beside psql with the same SQL, the lock tree, export, own load.

20,000 tables, 500 sessions, 5,000 statements, idle and while pgbench works; through the real host and the packaged
plugin. `MC_BENCH_LOAD_S` is for how long the own load is measured (120 s unless told otherwise; the bar speaks of ten
minutes).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench.postgres_load import SESSIONS, WAITERS, fill, has_pgbench, own_load, pgbench, sessions, waiters
from bench.processes import POSTGRES
from bench.report import Row, at_least, at_most
from bench.rows import growth_of
from mc_sql.queries import load_query
from mc_sql.testing import PostgresServer, list_majors, password_of
from tests.fixtures.fix_stack import Stack

ROUNDS = 12
P95 = 0.95
EXPORT_ROWS = 3_000_000
EXPORT = (
    "select i as id, md5(i::text) as a, md5((i + 1)::text) as b, md5((i + 2)::text) as c "
    f"from generate_series(1, {EXPORT_ROWS}) i"
)
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
            rows += own_load(lambda name: ask(stack, name, {}), server)
            fill(server)
            with sessions(server, SESSIONS):
                rows += looks(stack, server)
                if has_pgbench():
                    with pgbench(server):
                        rows += looks_under_load(stack)
            with waiters(server, WAITERS):
                rows.append(at_most("lock tree with 300 waiters", p95(stack, "lock-tree", {}), "ms", 1000))
    return rows


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


def looks_under_load(stack: Stack) -> list[Row]:
    """Return p95 of every look while pgbench writes."""
    looks = FAST.items()
    return [at_most(f"{name}, p95 under pgbench", p95(stack, name, params), "ms", 300) for name, params in looks]


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
