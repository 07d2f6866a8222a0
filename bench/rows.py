"""50,000 rows by 10 columns to the grid: through the real host and the packaged plugin from a real server."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from bench.processes import POSTGRES
from bench.report import Row, at_most
from mc_sql.testing import PostgresServer, list_majors
from tests.fixtures.fix_stack import Stack

ROWS = 50_000
COLUMNS = ", ".join(
    ["n as id", "n * 7 as total", "'customer ' || n as name", "n % 100 as age", "now() as at"]
    + [f"md5((n + {i})::text) as hash_{i}" for i in range(5)]
)
STATEMENT = f"select {COLUMNS} from generate_series(1, {ROWS}) as n"
ROUNDS = 5
SAMPLE_S = 0.01


def measure() -> list[Row]:
    """Measure first row, whole result beside the driver alone, and the plugin's memory."""
    major = 17 if 17 in list_majors() else list_majors()[-1]
    with tempfile.TemporaryDirectory() as folder, PostgresServer(major) as server:
        with Stack(Path(folder) / "stack" / "host", POSTGRES, server) as stack:
            _stream(stack)  # opens connections, loads what is lazy
            firsts, totals, growths = [], [], []
            direct = statistics.median(_direct(server) for _ in range(ROUNDS))
            for _ in range(ROUNDS):
                with growth_of(stack.plugin_pid()) as growth:
                    first_ms, total_ms = _stream(stack)
                firsts.append(first_ms)
                totals.append(total_ms)
                growths.append(growth[0])
            resident = _rss_mib(stack.plugin_pid())
    total = statistics.median(totals)
    return [
        at_most("first row of 50,000 x 10 through host and proxy", statistics.median(firsts), "ms", 300),
        at_most("all of it, beside psycopg fetching tuples", total, "ms", 3, ratio=total / direct),
        at_most("plugin memory growth meanwhile", max(growths), "MiB", 64),
        at_most("plugin memory after its tabs were used", resident, "MiB", 80),
    ]


def _stream(stack: Stack) -> tuple[float, float]:
    """Return the ms until the first row and until the end."""
    body = f'{{"statement": "{STATEMENT}", "rowLimit": {ROWS}}}'.encode()
    headers = {
        "Authorization": f"Bearer {stack.token()}",
        "Content-Type": "application/json",
        "Accept": "application/x-ndjson",
    }
    url = f"{stack.url}/api/plugins/postgres/proxy/query-stream?config_id={stack.item('app-db')}"
    started = time.perf_counter()
    rows, first_ms = 0, 0.0
    with urlopen(Request(url, data=body, headers=headers), timeout=60) as answer:
        for line in answer:
            if line.startswith(b"["):
                rows += 1
                first_ms = first_ms or (time.perf_counter() - started) * 1000
    assert rows == ROWS, rows
    return first_ms, (time.perf_counter() - started) * 1000


def _direct(server: PostgresServer) -> float:
    """Return the ms in which the driver alone fetches the same rows."""
    with server.connect(tcp=True) as db:
        started = time.perf_counter()
        assert len(db.execute(STATEMENT.encode()).fetchall()) == ROWS
        return (time.perf_counter() - started) * 1000


@contextmanager
def growth_of(pid: int) -> Iterator[list[float]]:
    """Sample resident memory meanwhile; the list holds the growth of its peak in MiB."""
    growth, before, done = [0.0], _rss_mib(pid), threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_S):
            growth[0] = max(growth[0], _rss_mib(pid) - before)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield growth
    finally:
        done.set()
        sampler.join()


def _rss_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
