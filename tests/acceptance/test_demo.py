"""`make demo` as a user has it: an address that works, something to see, and nothing left after Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def demo(tmp_path: Path, postgres_zipapp: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo in a session of its own, so that whatever it leaves behind can be found."""
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), "--port", "0", "--state", str(tmp_path / "demo")]
    env = {**os.environ, "DEMO_PLUGINS": str(postgres_zipapp.parent)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, env=env, stdout=pipe, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(20)
    assert process.stdout
    process.stdout.close()


def _address(demo: subprocess.Popen[str]) -> str:
    assert demo.stdout
    for line in demo.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
            return found[0]
    pytest.fail("the demo ended without an address")


def _session_of(leader: int) -> list[int]:
    """Return the live processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def test_demo_shows_sessions_that_block_each_other_and_leaves_nothing(
    demo: subprocess.Popen[str], tmp_path: Path
) -> None:
    address = _address(demo)
    port = int(address.split(":")[2].partition("/")[0])
    token = json.loads((tmp_path / "demo" / "state" / "host.json").read_text())["token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(path: str, body: bytes | None = None) -> object:
        with urlopen(Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers), timeout=30) as answer:
            return json.loads(answer.read())

    items = {item["name"]: item["id"] for item in ask("/api/catalog/items")["items"]}  # type: ignore[index]  # JSON
    assert set(items) >= {"shop", "shop-db"}
    deadline = time.monotonic() + 30
    path = f"/api/plugins/postgres/invoke/sessions-list?config_id={items['shop-db']}"
    while not any(row.get("blockedBy") for row in ask(path, b"{}")):  # type: ignore[attr-defined]  # JSON
        assert time.monotonic() < deadline, "nobody blocks anybody"
        time.sleep(0.2)
    processes = _session_of(demo.pid)
    assert len(processes) >= 4  # demo, workload, host, plugin
    os.kill(demo.pid, signal.SIGINT)
    assert demo.wait(20) == 0
    assert _session_of(demo.pid) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
