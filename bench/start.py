"""Start and memory of the packaged plugin, beside a process that does nothing but import grpc.aio."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from bench.processes import POSTGRES, plugin_env, registered
from bench.report import Row, at_most, interleaved, timed

ROUNDS = 11


def measure() -> list[Row]:
    """Measure warm start, first run, two first runs at once, and memory before the first request."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        with registered([str(POSTGRES)], cache):
            pass  # unpacks
        [tree] = (cache / "mission-control-plugins").glob("[0-9a-f]*")
        floor, ready = interleaved(ROUNDS, lambda: _bare_grpc(tree), lambda: _start(cache))
        with registered([str(POSTGRES)], cache) as plugin:
            idle_mib = plugin.rss_mib()
    first = statistics.median(_first_run() for _ in range(5))
    both = _two_first_runs()
    return [
        at_most("warm start, spawn to RegisterPlugin answered", ready, "ms", 1.5, ratio=ready / floor),
        at_most("warm start, absolute goal", ready, "ms", 150),
        at_most("first run of the zipapp", first, "ms", 1000),
        at_most("two first runs at once, the slower one", both, "ms", 1000),
        at_most("memory before the first request", idle_mib, "MiB", 45),
    ]


def _bare_grpc(tree: Path) -> float:
    """Import grpc.aio from the same unpacked tree, and end."""
    code = f"import sys; sys.path.insert(0, {str(tree)!r}); import grpc.aio, os; os._exit(0)"
    command = [str(Path(sys.executable).resolve()), "-I", "-S", "-c", code]
    return timed(lambda: subprocess.run(command, env=plugin_env(), check=True))


def _start(cache: Path | None) -> float:
    with registered([str(POSTGRES)], cache) as plugin:
        return plugin.ready_ms


def _first_run() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _start(Path(folder))


def _two_first_runs() -> float:
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        runs = [threading.Thread(target=lambda: taken.append(_start(Path(folder)))) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    return max(taken)
