"""kubernetes-logs: rows a second, CPU, latency and memory, beside reading the same log and throwing it away."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench.report import Row, at_least, at_most

HERE = Path(__file__).resolve().parent
LINES = 1_000_000
PODS = 200
PAIRS = 9
SLOW_SECONDS = 10
SLOW_STREAMS = 50
_ROW = b'{"pod":"web'
_END = b"\r\n0\r\n\r\n"
ITEM = "11111111-1111-4111-8111-111111111111"


def measure() -> list[Row]:
    """Measure the rows of issue 5's table."""
    rows: list[Row] = []
    with _pair(LINES, PODS) as (port, pid, upstream):
        for format, label, bar in (("sse", "SSE rows, one source", 400_000), ("ndjson", "ndjson rows", 500_000)):
            rate, cpu_s, peak = _rows(port, pid, format)
            rows.append(at_least(label, rate, "rows/s", bar))
            rows.append(at_most(f"{label}: CPU per million", cpu_s, "s", 2.5))
        rows.append(at_most("memory at its peak, one source at full speed", peak, "MiB", 80))
        rows += _beside_raw(port, upstream)
        rows.append(at_most("snapshot of 200 pods x 2 containers", _snapshot_s(port), "s", 5))
        rows.append(at_most("latency of a live line, p99", _latency_ms(port), "ms", 50))
        rows.append(at_most("memory, 400 quiet follows", _quiet_mib(port, pid), "MiB", 160))
    with _pair(1000, 1, "flood") as (port, pid, _):
        rows.append(at_most("memory growth of a slow reader against 100 MB/s", _slow_mib(port, pid, 1), "MiB", 32))
    with _pair(LINES, 1) as (port, pid, _):
        growth, rate = _slow_and_fast(port, pid)
        rows.append(at_most(f"memory growth of {SLOW_STREAMS} slow readers", growth, "MiB", 256))
        rows.append(at_least(f"SSE rows of a fast reader beside {SLOW_STREAMS} slow ones", rate, "rows/s", 200_000))
    return rows


def _beside_raw(port: int, upstream: int) -> list[Row]:
    """Measure downloads, each beside the raw read: a bare socket that takes the same log from the same server."""
    searches = {"grep": " 500 in", "timestamps": "false"}
    taken = [(_raw_mb_s(upstream), _download_mb_s(port, {}), _download_mb_s(port, searches)) for _ in range(PAIRS)]
    rows = []
    for at, (name, bar) in enumerate((("text download", 0.40), ("server grep, one hit in a thousand", 0.25)), start=1):
        ratio = statistics.median(one[at] / one[0] for one in taken)
        rate = statistics.median(one[at] for one in taken)
        rows.append(Row(name, rate, "MB/s", f">= {bar:g} x raw", ratio >= bar, ratio))
    return rows


@contextmanager
def _pair(lines: int, pods: int, *flags: str) -> Iterator[tuple[int, int, int]]:
    """Run upstream and plugin; yield the plugin's port, its process id and upstream's port."""
    upstream, upstream_port = _start("klogs_upstream.py", str(lines), str(pods), *flags)
    plugin, port = _start("klogs_plugin.py", str(upstream_port))
    try:
        yield port, plugin.pid, upstream_port
    finally:
        for process in (plugin, upstream):
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _start(name: str, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    command = [sys.executable, str(HERE / name), *arguments]
    env = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
    assert process.stdout
    return process, int(process.stdout.readline())


def _raw_mb_s(upstream: int) -> float:
    """Return MB a second of reading the log from its server with a bare socket, and throwing it away."""
    room, started = bytearray(1 << 16), time.perf_counter()
    with socket.create_connection(("127.0.0.1", upstream)) as connection:
        connection.sendall(b"GET /pods/web-000/log?container=main HTTP/1.1\r\nHost: x\r\n\r\n")
        last = b""
        while last != _END:
            size = connection.recv_into(room)
            assert size, "the log ended early"
            last = (last + room[max(0, size - len(_END)) : size])[-len(_END) :]
    return _log_mb() / (time.perf_counter() - started)


def _open(port: int, operation: str, item: str, query: dict[str, str]) -> socket.socket:
    path = f"/__mc/operations/{operation}?{urlencode({'config_id': item, **query})}"
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Flanksource-Plugin-Invocation: t\r\nConnection: close\r\n\r\n".encode()
    )
    return connection


def _rows(port: int, pid: int, format: str) -> tuple[float, float, float]:
    """Return rows a second, CPU seconds per million rows, and peak memory."""
    query = {"follow": "true", "backlog": "-1", "format": format, "container": "main"}
    before, started, count, rest = _cpu_s(pid), time.perf_counter(), 0, b""
    with _open(port, "logs", "pod", query) as connection:
        while count < LINES:
            block = connection.recv(1 << 20)
            assert block, "the stream ended early"
            block = rest + block
            count += block.count(_ROW)
            rest = block[1 - len(_ROW) :]
    seconds = time.perf_counter() - started
    return count / seconds, (_cpu_s(pid) - before) / count * 1e6, _peak_mib(pid)


def _download_mb_s(port: int, query: dict[str, str]) -> float:
    """Return MB of log a second, whatever of it arrives."""
    started = time.perf_counter()
    with _open(port, "log-download", "pod", {"container": "main", **query}) as connection:
        while connection.recv(1 << 20):
            pass
    return _log_mb() / (time.perf_counter() - started)


def _log_mb() -> float:
    from bench.klogs_upstream import make_log

    sample = make_log(20_000)
    return len(sample) / 20_000 * LINES / 1e6


def _snapshot_s(port: int) -> float:
    started = time.perf_counter()
    size = 0
    with _open(port, "logs", ITEM, {"tailLines": "200"}) as connection:
        while block := connection.recv(1 << 20):
            size += len(block)
    assert size > 10_000_000, size
    return time.perf_counter() - started


def _latency_ms(port: int) -> float:
    """Return the 99th percentile of 500 lines from upstream's write to this socket."""
    waits: list[float] = []
    rest = b""
    with _open(port, "logs", "pod", {"follow": "true", "format": "ndjson", "container": "main"}) as connection:
        while len(waits) < 500:
            rest += connection.recv(65536)
            now = time.monotonic_ns()
            *lines, rest = rest.split(b"\n")
            waits += [
                (now - int(line.partition(b"sent ")[2].partition(b'"')[0])) / 1e6 for line in lines if b'"sent ' in line
            ]
    return statistics.quantiles(waits, n=100)[98]


def _quiet_mib(port: int, pid: int) -> float:
    with _open(port, "logs", ITEM, {"follow": "true", "format": "ndjson", "container": "main,side"}) as connection:
        seen = b""
        while seen.count(b'"change":"opened"') < 2 * PODS:
            seen += connection.recv(1 << 20)
        time.sleep(5)
        return _rss_mib(pid)


def _slow_mib(port: int, pid: int, streams: int) -> float:
    """Return the growth of memory while clients read ten rows a second."""
    before = _rss_mib(pid)
    with _slow_readers(streams, port, {}) as opened:
        return _most_mib(opened, pid, SLOW_SECONDS) - before


def _slow_and_fast(port: int, pid: int) -> tuple[float, float]:
    """Return the growth of memory with many slow readers, and the rows a second of a fast one beside them.

    They read history, which is never dropped: each stream holds as much as it ever may, and waits.
    """
    before = _rss_mib(pid)
    with _slow_readers(SLOW_STREAMS, port, {"backlog": "-1"}) as opened:
        _most_mib(opened, pid, SLOW_SECONDS)
        rate, _, _ = _rows(port, pid, "sse")
        return _most_mib(opened, pid, 1) - before, rate


@contextmanager
def _slow_readers(streams: int, port: int, more: dict[str, str]) -> Iterator[list[socket.socket]]:
    query = {"follow": "true", "format": "ndjson", "container": "main", **more}
    opened = [_open(port, "logs", "pod", query) for _ in range(streams)]
    try:
        yield opened
    finally:
        for connection in opened:
            connection.close()


def _most_mib(opened: list[socket.socket], pid: int, seconds: float) -> float:
    most, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        for connection in opened:
            connection.recv(250)
        time.sleep(0.1)
        most = max(most, _rss_mib(pid))
    return most


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status_mib(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _rss_mib(pid: int) -> float:
    return _status_mib(pid, "VmRSS")


def _peak_mib(pid: int) -> float:
    return _status_mib(pid, "VmHWM")
