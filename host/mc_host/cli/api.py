"""Calls to the running host from the command line; the standard library's client, since it starts fast."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import IO
from urllib.parse import urlencode, urlsplit

import click
import msgspec

from mc_host.address import Address
from mc_wire.model import JSON, JSON_MIME

TIMEOUT_S = 65.0  # a little more than the host's own limit, so that its answer is what one sees
Query = Mapping[str, str] | Sequence[tuple[str, str]]
_ACCEPT = "application/clicky+json,application/json"


class ServerError(click.ClickException):
    """The host refused, or could not; the text lists what it said."""

    def __init__(self, url: str, status: int, body: bytes, kind: str) -> None:
        super().__init__(_describe(url, status, body, kind))
        self.status = status


def _describe(url: str, status: int, body: bytes, kind: str) -> str:
    head = f"forward to {url}: server {status}"
    if "html" in kind:
        return f"{head}: server returned HTML instead of JSON"
    try:
        parsed = msgspec.json.decode(body, type=dict[str, JSON])
    except msgspec.MsgspecError:
        return f"{head}: {body.decode('utf-8', 'replace').strip()}"
    lines = [head]
    lines += [f"{title}: {parsed[key]}" for title, key in _DETAILS if parsed.get(key)]
    facts = parsed.get("facts") or parsed.get("context")
    if isinstance(facts, dict) and facts:
        lines += ["Context:", *(f"  {key}: {facts[key]}" for key in sorted(facts))]
    return "\n".join(lines)


_DETAILS = (("Code", "code"), ("Error", "error"), ("Trace", "trace"), ("Time", "time"), ("Hint", "hint"))


def request(address: Address, method: str, path: str, *, query: Query = (), body: bytes | None = None) -> bytes:
    """Return the body of a 2xx answer. Raises: ServerError, ClickException (nobody answers)."""
    response = _send(address, method, path, query, body, _ACCEPT)
    return response.read()


def stream(address: Address, path: str, *, query: Mapping[str, str], body: bytes) -> Iterator[bytes] | Download:
    """Return the lines of a streaming operation as they come, each with its newline; or the file that it makes."""
    # Without a time limit: a stream may be quiet for as long as nothing happens.
    response = _send(address, "POST", path, query, body, "application/x-ndjson", timeout_s=None)
    return Download(response) if "Content-Disposition" in response.headers else iter(response)


class Download:
    """A file on its way."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response

    def write_to(self, sink: IO[bytes]) -> None:
        """Copy it. Raises: ClickException when it is not whole."""
        try:
            shutil.copyfileobj(self._response, sink)
        except HTTPException as exc:
            raise click.ClickException("the file broke off: what is there is not the whole") from exc


def fetch_json(address: Address, path: str, **query: str) -> JSON:
    """Return the JSON of a GET."""
    return msgspec.json.decode(request(address, "GET", path, query=query))


def _send(
    address: Address,
    method: str,
    path: str,
    query: Query,
    body: bytes | None,
    accept: str,
    timeout_s: float | None = TIMEOUT_S,
) -> HTTPResponse:
    base = urlsplit(address.url)
    connection = HTTPConnection(base.hostname or "127.0.0.1", base.port, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {address.token}", "Accept": accept}
    if body is not None:
        headers["Content-Type"] = JSON_MIME
    target = f"{path}?{urlencode(query)}" if query else path
    try:
        connection.request(method, target, body=body, headers=headers)
        response = connection.getresponse()
    except (OSError, HTTPException) as exc:
        raise click.ClickException(f"forward to {address.url}: {exc or type(exc).__name__}") from exc
    if response.status >= 300:
        raise ServerError(address.url, response.status, response.read(), response.headers.get("Content-Type", ""))
    return response
