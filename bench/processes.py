"""Plugin processes under measurement: spawn, register, resident memory, stop."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from mc_wire import codec, handshake
from mc_wire.limits import CHANNEL_OPTIONS
from mc_wire.model import Registration
from mc_wire.paths import PLUGIN_SERVICE, method

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = ROOT / "dist" / "postgres"
SAMPLE = (sys.executable, str(ROOT / "tests" / "sdk" / "sample_plugin.py"))
KIB = 1024


@dataclass
class Running:
    """A registered plugin."""

    process: subprocess.Popen[bytes]
    channel: grpc.Channel
    target: str
    ready_ms: float

    def rss_mib(self) -> float:
        """Return the resident memory now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / KIB


def plugin_env(cache: Path | None = None) -> dict[str, str]:
    """Return a host's environment for a plugin, this interpreter first in PATH, the unpacked tree below `cache`."""
    path = f"{Path(sys.executable).resolve().parent}:{os.environ['PATH']}"
    env = {"PATH": path, "HOME": os.environ["HOME"], handshake.COOKIE_NAME: handshake.COOKIE_VALUE}
    return env | ({"MISSION_CONTROL_PLUGIN_CACHE": str(cache)} if cache else {})


@contextmanager
def registered(command: Sequence[str], cache: Path | None = None) -> Iterator[Running]:
    """Spawn a plugin and register it; `ready_ms` is spawn to the manifest's arrival."""
    started = time.perf_counter()
    process = subprocess.Popen(list(command), env=plugin_env(cache), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    target = handshake.parse_line(process.stdout.readline().decode()).target
    channel = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
    register: Any = channel.unary_unary(method(PLUGIN_SERVICE, "RegisterPlugin"))
    register(codec.encode_registration(Registration()), timeout=30)
    ready_ms = (time.perf_counter() - started) * 1000
    try:
        yield Running(process, channel, target, ready_ms)
    finally:
        channel.close()
        process.terminate()
        process.wait(10)
        process.stdout.close()
