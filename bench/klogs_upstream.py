"""An API server for `bench.klogs`, in a process of its own: one pod with a long log, and many pods with short ones.

usage: klogs_upstream.py LINES PODS
"""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

BLOCK_BYTES = 64 * 1024
_LEVELS = ("INFO", "INFO", "INFO", "INFO", "WARN", "ERROR", "DEBUG")


def make_log(lines: int) -> bytes:
    """Return lines of about 134 bytes with increasing stamps; one in a thousand has a status of 500."""
    random.seed(1)
    made = []
    for n in range(lines):
        minute, second = n // 6_000_000 % 60, n // 100_000 % 60
        stamp = f"2026-11-22T{10 + n // 360_000_000:02}:{minute:02}:{second:02}.{n % 100_000:05}0001Z"
        status = 500 if n % 1000 == 7 else 200
        made.append(
            f"{stamp} 2026-11-22 10:00:00,123 {random.choice(_LEVELS)} shop.Orders - GET /orders/{n} {status} "
            f"in {n % 977} ms, user {n * 7 % 99_991} from 10.1.2.3 agent 12\n"
        )
    return "".join(made).encode()


def pod(name: str) -> dict[str, object]:
    """Return a running pod of two containers."""
    names = ("main", "side")
    statuses = [{"name": n, "containerID": f"containerd://{name}-{n}", "state": {"running": {}}} for n in names]
    meta = {"name": name, "namespace": "bench", "uid": f"uid-{name}", "labels": {"app": "web"}, "resourceVersion": "1"}
    return {"metadata": meta, "spec": {"containers": [{"name": n} for n in names]},
            "status": {"phase": "Running", "containerStatuses": statuses}}  # fmt: skip


class Upstream:
    """Answers on loopback, a thread per connection."""

    def __init__(self, lines: int, pods: int) -> None:
        self.log = make_log(lines)
        self.short = b"".join(self.log.splitlines(keepends=True)[:200])
        self.pods = [pod(f"web-{n:03}") for n in range(pods)]
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)

    def serve(self) -> None:
        """Accept for ever."""
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self._answer_all, args=(connection,), daemon=True).start()

    def _answer_all(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            try:
                while line := reader.readline():
                    size = 0
                    while header := reader.readline().strip():
                        if header.lower().startswith(b"content-length:"):
                            size = int(header.split()[1])
                    reader.read(size)
                    self._answer(connection, line.split()[1].decode())
            except OSError:
                return

    def _answer(self, connection: socket.socket, target: str) -> None:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/log"):
            self._send_log(connection, parts.path.split("/")[-2], query)
        elif parts.path.endswith("/pods"):
            if "watch" in query:
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                time.sleep(3600)
            self._send_json(connection, {"metadata": {"resourceVersion": "1"}, "items": self._pods_of(query)})
        elif parts.path.endswith("accessreviews"):
            self._send_json(connection, {"status": {"allowed": True}})
        elif "/pods/" in parts.path:
            self._send_json(connection, pod(parts.path.split("/")[-1]))
        else:
            self._send_json(
                connection, {"metadata": {"uid": "d"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}
            )

    def _pods_of(self, query: dict[str, str]) -> list[dict[str, object]]:
        wanted = query.get("fieldSelector", "").partition("=")[2]
        return [one for one in self.pods if not wanted or one["metadata"]["name"] == wanted]  # type: ignore[index]

    def _send_json(self, connection: socket.socket, body: object) -> None:
        raw = json.dumps(body).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
        connection.sendall(head.encode() + raw)

    def _send_log(self, connection: socket.socket, name: str, query: dict[str, str]) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
        if "limitBytes" in query:
            _chunk(connection, self.log[: int(query["limitBytes"])])
        elif query.get("tailLines") == "0":
            self._live(connection, query)
        elif query.get("tailLines") == "1":
            _chunk(connection, self.log[self.log.rfind(b"\n", 0, -1) + 1 :])
        elif "tailLines" in query or query["container"] == "side":
            _chunk(connection, self.short)
        else:
            view = memoryview(self.log)
            for at in range(0, len(view), BLOCK_BYTES):
                _chunk(connection, view[at : at + BLOCK_BYTES])
        if query.get("follow") == "true":
            time.sleep(3600)
        connection.sendall(b"0\r\n\r\n")

    def _live(self, connection: socket.socket, query: dict[str, str]) -> None:
        """`side` says nothing; `main` of the first pod a hundred lines a second, of the others a flood of 100 MB/s."""
        if query["container"] == "side":
            time.sleep(3600)
        number = 0
        while True:
            now = time.time()
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e9):09}Z"
            if self.is_flood:
                text = b"x" * 100 + b"\n"
                rows = [f"{stamp} {number + n} ".encode() + text for n in range(8000)]
                number += len(rows)
                _chunk(connection, b"".join(rows))
                time.sleep(max(0.0, 0.0105 - (time.time() - now)))
            else:
                _chunk(connection, f"{stamp} sent {time.monotonic_ns()}\n".encode())
                time.sleep(0.01)

    is_flood = False


def _chunk(connection: socket.socket, data: bytes | memoryview) -> None:
    connection.sendall(b"%x\r\n" % len(data) + bytes(data) + b"\r\n")


def main() -> None:
    """Print the port, then serve."""
    upstream = Upstream(int(sys.argv[1]), int(sys.argv[2]))
    upstream.is_flood = "flood" in sys.argv[3:]
    print(upstream.socket.getsockname()[1], flush=True)
    upstream.serve()


if __name__ == "__main__":
    main()
