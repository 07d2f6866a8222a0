"""What the backends' processes use, where the server runs on this machine: read from /proc, never required."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from mc_postgres.dsn import ConnectParams
from mc_postgres.sessions import ProcessUse

PROC = Path("/proc")
LOCAL_HOSTS = ("", "127.0.0.1", "::1", "localhost")
CPU_FIELD = 11
"""utime and stime among the fields of /proc/<pid>/stat that follow the command."""
MAX_KEPT = 5000


class Looked(msgspec.Struct):
    """One process at one moment; `started` tells a pid that was used again."""

    at: float
    started: str
    cpu_ms: int


def is_local(params: ConnectParams) -> bool:
    """Say whether a connection leads to this machine, and the machine tells of its processes."""
    host = params.get("host")
    return (host in LOCAL_HOSTS or host.startswith("/")) and PROC.is_dir()


def read_processes(pids: Iterable[int], before: dict[int, Looked]) -> dict[int, ProcessUse]:
    """Return what these processes use, as far as they are PostgreSQL's and may be read; `before` is brought up to date.

    A server in a container may listen on this machine with other pids: then the names do not fit, and nothing is told.
    """
    found: dict[int, ProcessUse] = {}
    ticks = os.sysconf("SC_CLK_TCK")
    page_bytes = os.sysconf("SC_PAGE_SIZE")
    for pid in pids:
        try:
            stat = (PROC / str(pid) / "stat").read_text()
            name, _, rest = stat.partition("(")[2].rpartition(")")
            fields = rest.split()
        except OSError:
            continue
        if not name.startswith("postgres"):
            continue
        cpu_ms = (int(fields[CPU_FIELD]) + int(fields[CPU_FIELD + 1])) * 1000 // ticks
        now, started = time.monotonic(), fields[19]
        last = before.get(pid)
        use = ProcessUse(cpu_ms=cpu_ms, rss_bytes=int(fields[21]) * page_bytes)
        if last is not None and last.started == started and now > last.at:
            use.cpu_pct = round((cpu_ms - last.cpu_ms) / (now - last.at) / 10, 1)
        use.read_bytes, use.write_bytes = read_io(pid)
        if len(before) < MAX_KEPT or pid in before:
            before[pid] = Looked(now, started, cpu_ms)
        found[pid] = use
    for pid in before.keys() - found.keys():
        del before[pid]
    return found


def read_io(pid: int) -> tuple[int | None, int | None]:
    """Return bytes read from and written to storage; only the server's own user and root may see them."""
    try:
        lines = (PROC / str(pid) / "io").read_text().splitlines()
    except OSError:
        return None, None
    values = dict(line.split(": ") for line in lines)
    return int(values["read_bytes"]), int(values["write_bytes"])
