"""The gateway beside Go's reverse proxy and nginx before the same plugin, and beside the plugin called directly."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc.aio
import yaml

from bench.processes import ROOT, registered
from bench.report import Row, at_most, faster_than, interleaved, timed
from mc_host.resources import API_GROUP
from mc_wire import documented
from mc_wire.limits import CHANNEL_OPTIONS
from mc_wire.model import Invocation
from mc_wire.paths import PLUGIN_SERVICE, method
from tests.fixtures.fix_go import find_go
from tests.fixtures.fix_stack import program

BLAST = ROOT / "bench" / "blast_plugin.py"
STREAMS = {"64 KiB blocks": (65536, 12_000), "4 KiB blocks": (4096, 60_000)}
ROUNDS, CALLS = 3, 300
IDLE_PLUGINS, ITEMS = 6, 1000
READY_TIMEOUT_S = 60
NGINX = """
worker_processes auto; daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream plugin {{ server 127.0.0.1:{port}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{listen};
    location / {{
      proxy_pass http://plugin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
      {headers}
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Front:
    """Something that stands before the plugin: its address, the path to it, and what a caller must send."""

    url: str
    path: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that is kept for many requests."""
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)

    def stream_mb_s(self, block: int, count: int) -> float:
        """Return at how many MB/s a stream arrives at curl."""
        address = f"{self.url}{self.path}/api/stream?block={block}&count={count}"
        sent = [word for name, value in self.headers for word in ("-H", f"{name}: {value}")]
        command = ["curl", "-sSf", "-o", "/dev/null", "-w", "%{size_download} %{time_total}", *sent, address]
        size, seconds = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        assert int(size) == block * count
        return int(size) / 1e6 / float(seconds)


def measure() -> list[Row]:
    """Measure everything with one host and one plugin."""
    with tempfile.TemporaryDirectory() as path, ExitStack() as stack:
        folder = Path(path)
        ours, pid = stack.enter_context(host(folder / "host", ["blast"]))
        opened = _peers(folder, ours)
        peers: dict[str, Front] = {name: stack.enter_context(front) for name, front in opened.items()}
        rows = [*_streams(ours, peers), *_small(ours, peers), *_invoke(ours), _first_event(ours)]
        crowd = stack.enter_context(host(folder / "crowd", [f"blast-{n}" for n in range(IDLE_PLUGINS)], ITEMS))
        rows.append(at_most("host, six idle plugins and 1,000 items", _rss_mib(crowd[1]), "MiB", 120))
        rows.append(_help(folder / "host"))
        assert Path(f"/proc/{pid}").exists()
        return rows


@contextmanager
def host(folder: Path, plugins: list[str], items: int = 0) -> Iterator[tuple[Front, int]]:
    """Run a host with these plugins, all of one program; yields its front and process id once they run."""
    config, root = folder / ".config/mission-control", folder / "plugins"
    config.mkdir(parents=True)
    root.mkdir()
    script = root / "blast"
    script.write_text(f"#!/bin/sh\nexec {sys.executable} {BLAST}\n")
    script.chmod(0o755)
    documents = [_document("Plugin", name, {"source": "blast"}) for name in plugins]
    documents += [_document("ConfigItem", f"item-{n}", {"type": "Bench::Item", "tags": {"n": n}}) for n in range(items)]
    (config / "all.yaml").write_text(yaml.safe_dump_all(documents))
    env = {**_environment(folder), "MISSION_CONTROL_MACHINE": "off"}
    process = subprocess.Popen([program(), "serve", "--port", "0"], env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        line = next(found for text in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", text)))
        state = json.loads((folder / ".local/state/mission-control/host.json").read_text())
        headers = (("Authorization", f"Bearer {state['token']}"),)
        front = Front(line[0], "/api/plugins/blast/ui", headers)
        _until(lambda: len(_get(front, "/api/plugins")) == len(plugins))
        yield front, process.pid
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "MISSION_CONTROL_PLUGIN_PATH": str(folder / "plugins"),
    }


def _document(kind: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    return {"apiVersion": f"{API_GROUP}/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not check():
        assert time.monotonic() < deadline, "the plugins did not start"
        time.sleep(0.05)


def _get(front: Front, path: str) -> list[dict[str, object]]:
    connection = front.connect()
    connection.request("GET", path, headers=dict(front.headers))
    answer: list[dict[str, object]] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def _peers(folder: Path, ours: Front) -> dict[str, AbstractContextManager[Front]]:
    """Return the other fronts that this machine has, each before the same plugin with what our host sends it."""
    connection = ours.connect()
    connection.request("GET", f"{ours.path}/api/request", headers=dict(ours.headers))
    told = json.loads(connection.getresponse().read())
    connection.close()
    own = {name: value for name, value in told["headers"].items() if name.lower().startswith("x-")}
    peers: dict[str, AbstractContextManager[Front]] = {}
    if go := find_go():
        peers["Go"] = _go_proxy(go, folder, told["port"], own)
    if nginx := shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
        peers["nginx"] = _nginx(nginx, folder / "nginx", told["port"], own)
    return peers


@contextmanager
def _go_proxy(go: str, folder: Path, port: int, headers: dict[str, str]) -> Iterator[Front]:
    binary = folder / "reverse_proxy"
    source = ROOT / "bench" / "peers" / "reverse_proxy.go"
    subprocess.run([go, "build", "-o", str(binary), str(source)], env={**os.environ, "CGO_ENABLED": "0"}, check=True)
    pairs = [f"{name}={value}" for name, value in headers.items()]
    command = [str(binary), f"http://127.0.0.1:{port}", *pairs]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        yield Front(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextmanager
def _nginx(nginx: str, folder: Path, port: int, headers: dict[str, str]) -> Iterator[Front]:
    folder.mkdir()
    listen = 18080
    lines = "\n".join(f'proxy_set_header {name} "{value}";' for name, value in headers.items())
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, listen=listen, headers=lines))
    command = [nginx, "-p", str(folder), "-c", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    front = Front(f"http://127.0.0.1:{listen}")
    try:
        _until(lambda: _answers(front))
        yield front
    finally:
        process.terminate()
        process.wait(10)


def _answers(front: Front) -> bool:
    try:
        connection = front.connect()
        connection.request("GET", "/api/small")
        return connection.getresponse().status == 200
    except OSError:
        return False


def _streams(ours: Front, peers: dict[str, Front]) -> list[Row]:
    rows = []
    for what, (block, count) in STREAMS.items():
        variants = [partial(front.stream_mb_s, block, count) for front in (ours, *peers.values())]
        speeds = interleaved(ROUNDS, *variants)
        for name, speed in zip(peers, speeds[1:], strict=True):
            bar = 1.0 if name == "Go" else 0.5
            rows.append(faster_than(f"stream in {what}, beside {name}", speeds[0], "MB/s", bar, speeds[0] / speed))
    return rows


def _small(ours: Front, peers: dict[str, Front]) -> list[Row]:
    own = _request_ms(ours, "GET", f"{ours.path}/api/small")
    if "Go" not in peers:
        return []
    mine, other = interleaved(ROUNDS, own, _request_ms(peers["Go"], "GET", "/api/small"))
    return [at_most("small request, beside Go", mine, "ms", 1.7, ratio=mine / other)]


def _request_ms(front: Front, verb: str, path: str, body: bytes = b"") -> Callable[[], float]:
    """Return what measures the median time of a request on a kept connection, in ms.

    Plain sockets: a client's own parsing would be half of what is measured.
    """
    address = urlsplit(front.url)
    connection = socket.create_connection((address.hostname or "", address.port or 80), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    headers = {"Host": address.netloc, **dict(front.headers), "Content-Length": str(len(body))}
    headers |= {"Content-Type": "application/json"} if body else {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"{verb} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    def ask() -> None:
        connection.sendall(request)
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200"), answer
        while not _is_whole(answer):
            answer += connection.recv(65536)

    return lambda: statistics.median(timed(ask) for _ in range(CALLS))


def _is_whole(answer: bytes) -> bool:
    head, gap, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(gap) and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


def _invoke(ours: Front) -> list[Row]:
    through = _request_ms(ours, "POST", "/api/plugins/blast/invoke/noop", b"{}")
    with registered((sys.executable, str(BLAST))) as plugin:
        mine, direct = interleaved(ROUNDS, through, lambda: asyncio.run(_direct_ms(plugin.target)))
    return [at_most("Invoke through HTTP, tokens on, p50", mine, "ms", 2.5, ratio=mine / direct)]


async def _direct_ms(target: str) -> float:
    request = documented.encode_invocation(Invocation(operation="noop"))
    samples = []
    async with grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS) as channel:
        call: Any = channel.unary_unary(method(PLUGIN_SERVICE, "Invoke"))
        for _ in range(CALLS):
            started = time.perf_counter()
            await call(request)
            samples.append((time.perf_counter() - started) * 1000)
    return statistics.median(samples)


def _first_event(ours: Front) -> Row:
    connection = ours.connect()
    samples = []
    for _ in range(20):
        connection.request("GET", "/api/plugins/blast/proxy/clock", headers=dict(ours.headers))
        answer = connection.getresponse()
        emitted = json.loads(answer.readline())["at"]
        samples.append((time.time() - emitted) * 1000)
        answer.read()
    return at_most("first line of a stream after its emission, slowest", max(samples), "ms", 200)


def _help(folder: Path) -> Row:
    command = [program(), "blast", "--help"]
    times = [timed(lambda: subprocess.run(command, env=_environment(folder), capture_output=True)) for _ in range(7)]
    return at_most("mission-control <plugin> --help", statistics.median(times), "ms", 150)


def _rss_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
