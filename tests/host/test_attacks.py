"""What an attacker sends: requests that two parsers read differently, headers that become two, pages that reach out."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.fixtures.fix_host import HostClient

ECHO = "/api/plugins/helper/proxy/header-echo"


async def _send(client: HostClient, request: bytes, timeout_s: float = 5) -> bytes:
    """Send bytes as they are and return what comes back until the host closes or is silent."""
    base = urlsplit(client.url)
    reader, writer = await asyncio.open_connection(base.hostname, base.port)
    writer.write(request)
    answer = b""
    try:
        async with asyncio.timeout(timeout_s):
            while block := await reader.read(65536):
                answer += block
    except (TimeoutError, ConnectionError):
        pass
    writer.close()
    return answer


def _request(client: HostClient, *lines: str, body: bytes = b"", verb: str = "POST", path: str = ECHO) -> bytes:
    head = [f"{verb} {path} HTTP/1.1", f"Host: {urlsplit(client.url).netloc}", *lines]
    head += [f"{name}: {value}" for name, value in client.owner.items()]
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


SMUGGLED = b"GET /api/me HTTP/1.1\r\nHost: x\r\nX-Smuggled: yes\r\n\r\n"
AMBIGUOUS = [
    ("Content-Length: 5", "Transfer-Encoding: chunked"),
    ("Transfer-Encoding: chunked", "Content-Length: 0"),
    ("Content-Length: 5", "Content-Length: 60"),
    ("Content-Length: +5",),
    ("Content-Length: 5,5",),
    ("Transfer-Encoding: xchunked",),
    ("Transfer-Encoding : chunked",),
    ("Transfer-Encoding: chunked, identity",),
    ("Content-Length: 0x5",),
]


@pytest.mark.parametrize("lines", AMBIGUOUS, ids=" + ".join)
async def test_request_of_doubtful_length_is_refused_and_nothing_behind_it_is_read(
    client: HostClient, lines: tuple[str, ...]
) -> None:
    answer = await _send(client, _request(client, *lines, body=b"0\r\n\r\n" + SMUGGLED))
    assert _status(answer) == 400, answer[:200]
    assert answer.count(b"HTTP/1.") == 1


async def test_body_of_a_chunked_request_reaches_the_plugin_as_one(client: HostClient) -> None:
    body = b"5\r\nhello\r\n0\r\n\r\n"
    lines = ("Transfer-Encoding: chunked", "Content-Type: text/plain", "Connection: close")
    answer = await _send(client, _request(client, *lines, body=body))
    seen = msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])
    assert seen["body"] == "hello"
    assert len([name for name in seen["headers"] if name.lower() in ("content-length", "transfer-encoding")]) == 1


@pytest.mark.parametrize(
    "line", ["X-A: b\rX-Injected: 1", "X-A: b\0c", "X-A\x0b: b", "X-A: b\n X-Injected: 1", ": b", "X A: b", "X-A"]
)
async def test_header_that_could_become_two_never_does(client: HostClient, line: str) -> None:
    answer = await _send(client, _request(client, line, "Connection: close", verb="GET"))
    assert _status(answer) == 400, answer[:200]


async def test_query_cannot_write_headers(client: HostClient) -> None:
    status, headers, _ = await client.request("GET", "/api/plugins/helper/ui?x=%0d%0aX-Injected:%201")
    assert status == 308 and "X-Injected" not in headers
    given = {"X-Request-Id": "a" * 500}
    _, headers, _ = await client.request("GET", "/api/me", headers=given)
    assert headers["X-Request-Id"] != given["X-Request-Id"]


async def test_headers_beyond_every_limit_are_refused_and_the_host_goes_on(client: HostClient) -> None:
    for lines in (["X-Long: " + "a" * 2_000_000], [f"X-{n}: a" for n in range(40_000)]):
        answer = await _send(client, _request(client, *lines, verb="GET", path="/api/me"))
        assert _status(answer) in (400, 431), answer[:100]
    answer = await _send(client, _request(client, verb="GET", path="/api/" + "a" * 200_000))
    assert _status(answer) in (400, 414), answer[:100]
    assert (await client.request("GET", "/api/me"))[0] == 200


async def test_s10_pages_are_for_who_is_signed_in_and_confined_to_their_own_paths(client: HostClient) -> None:
    page = "/api/plugins/helper/ui/"
    assert (await client.request("GET", page, signed_in=False))[0] == 401
    assert (await client.request("GET", page + "assets/app.js", signed_in=False))[0] == 401
    status, headers, _ = await client.request("GET", page)
    policy = headers["Content-Security-Policy"]
    assert status == 200 and "frame-ancestors 'self'" in policy and "default-src 'none'" in policy
    assert f"connect-src {client.url}/api/plugins/helper/" in policy


async def test_page_that_is_rebound_to_this_address_gets_nothing(client: HostClient) -> None:
    port = urlsplit(client.url).port
    for name in (f"evil.test:{port}", "localhost.evil.test", f"127.0.0.1.evil.test:{port}", "", "127.0.0.1:1"):
        lines = [f"GET /api/me HTTP/1.1\r\nHost: {name}", *(f"{key}: {value}" for key, value in client.owner.items())]
        answer = await _send(client, ("\r\n".join(lines) + "\r\nConnection: close\r\n\r\n").encode())
        assert _status(answer) in (400, 403), (name, answer[:100])
