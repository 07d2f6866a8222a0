"""An issuer's public keys, from a file, a URL, or where its OIDC discovery document says; fetched when needed."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from mc_host.resources import IssuerSpec
from mc_wire.errors import NotSignedIn
from mc_wire.model import JSON

if TYPE_CHECKING:
    from jwt import PyJWK

FRESH_S = 600.0
"""Keys are read again after that, in the course of a sign-in."""
STALE_S = 24 * 3600.0
"""Keys older than that are not used, even when the issuer does not answer."""
RETRY_S = 10.0
"""A token with an unknown key id makes the host ask again, but not more often than that."""
TIMEOUT_S = 5.0
_MAX_BYTES = 1024 * 1024
_DISCOVERY = "/.well-known/openid-configuration"
_KINDS = {"RS256": "RSA", "ES256": "EC"}


class KeyFetchError(Exception):
    """The keys could not be had; the text says from where and why."""


class KeySource:
    """The keys of one issuer."""

    def __init__(self, spec: IssuerSpec, clock: Callable[[], float] = time.monotonic) -> None:
        self._spec = spec
        self._clock = clock
        self._keys: list[PyJWK] = []
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._problem = ""
        self._fetching = asyncio.Lock()

    async def find_key(self, key_id: JSON, algorithm: str) -> Any:
        """Return the key of that id, or the only one of that kind when the token names none. Raises: NotSignedIn."""
        if self._clock() - self._fetched_at > FRESH_S or self._match(key_id, algorithm) is None:
            await self._refresh()
        is_usable = self._clock() - self._fetched_at <= STALE_S
        found = self._match(key_id, algorithm) if is_usable else None
        if found is None:
            reason = f": {self._problem}" if self._problem else ""
            raise NotSignedIn(f"bearer token refused: its key is not one of its issuer's{reason}")
        return found.key

    def _match(self, key_id: JSON, algorithm: str) -> PyJWK | None:
        fitting = [key for key in self._keys if key.key_type == _KINDS[algorithm]]
        if key_id is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.key_id == key_id), None)

    async def _refresh(self) -> None:
        async with self._fetching:
            now = self._clock()
            if now - self._tried_at < RETRY_S:
                return
            self._tried_at = now
            try:
                document = await self._read()
                self._keys = await asyncio.to_thread(_parse_keys, document)
                self._fetched_at, self._problem = now, ""
            except KeyFetchError as exc:
                self._problem = str(exc)

    async def _read(self) -> bytes:
        where = self._spec.jwks
        if where and "://" not in where:
            try:
                return await asyncio.to_thread(Path(where).read_bytes)
            except OSError as exc:
                raise KeyFetchError(f"cannot read {where}: {exc.strerror}") from exc
        context = await asyncio.to_thread(_tls_context, self._spec.ca_file)
        connector = aiohttp.TCPConnector(ssl=context)
        limit = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(connector=connector, timeout=limit, trust_env=True) as session:
            return await _fetch(session, where or await self._discover(session))

    async def _discover(self, session: aiohttp.ClientSession) -> str:
        """Return where the discovery document says the keys are; it must be the issuer's own document."""
        address = self._spec.issuer.rstrip("/") + _DISCOVERY
        try:
            document = msgspec.json.decode(await _fetch(session, address), type=dict[str, JSON])
        except msgspec.MsgspecError as exc:
            raise KeyFetchError(f"{address} is not a JSON object") from exc
        if document.get("issuer") != self._spec.issuer:
            raise KeyFetchError(f"{address} is of another issuer")
        return str(document.get("jwks_uri", ""))


async def _fetch(session: aiohttp.ClientSession, address: str) -> bytes:
    parts = urlsplit(address)
    is_local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise KeyFetchError(f"keys are fetched by https only, not from {address[:200]!r}")
    try:
        async with session.get(address, allow_redirects=False) as response:
            if response.status != 200:
                raise KeyFetchError(f"{address} answered {response.status}")
            body = bytearray()
            async for block in response.content.iter_any():
                body += block
                if len(body) > _MAX_BYTES:
                    raise KeyFetchError(f"{address} answered more than {_MAX_BYTES} bytes")
            return bytes(body)
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise KeyFetchError(f"{address} cannot be reached: {exc or type(exc).__name__}") from exc


def _tls_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as exc:
        raise KeyFetchError(f"cannot read authorities from {ca_file}: {exc}") from exc


def _parse_keys(document: bytes) -> list[PyJWK]:
    """Return the RSA and EC signing keys of a key set; others are of no use here."""
    import jwt

    try:
        listed = msgspec.json.decode(document, type=dict[str, JSON]).get("keys")
    except msgspec.MsgspecError as exc:
        raise KeyFetchError("the key set is not a JSON object") from exc
    keys = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("kty") in _KINDS.values() and one.get("use", "sig") == "sig":
            try:
                keys.append(jwt.PyJWK(one))
            except jwt.PyJWTError:
                continue  # a curve or size this library does not take; other keys may do
    if not keys:
        raise KeyFetchError("the key set has no RSA or EC key for signatures")
    return keys
