"""The owner's token, one-time sign-in codes, and the cookie a code is exchanged for."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

CODE_LIFE_S = 12 * 3600.0
"""A printed address still works after lunch; each code works once."""
COOKIE_LIFE_S = 30 * 24 * 3600
_MAX_CODES = 64


class Tokens:
    """Who may in: holders of the owner token, and browsers that exchanged a code for a signed cookie."""

    def __init__(self, owner: str, clock: Callable[[], float] = time.time) -> None:
        self.owner = owner
        self._clock = clock
        self._codes: dict[str, float] = {}

    def is_owner(self, token: str) -> bool:
        """Is this the owner token?"""
        return hmac.compare_digest(token.encode("utf-8", "surrogateescape"), self.owner.encode())

    def create_code(self) -> str:
        """Return a fresh code; the oldest are dropped when too many wait."""
        now = self._clock()
        self._codes = {code: ends_at for code, ends_at in self._codes.items() if ends_at > now}
        while len(self._codes) >= _MAX_CODES:
            del self._codes[next(iter(self._codes))]
        code = secrets.token_urlsafe(24)
        self._codes[_digest(code)] = now + CODE_LIFE_S
        return code

    def use_code(self, code: str) -> bool:
        """Spend a code; False when it is unknown, spent or too old."""
        ends_at = self._codes.pop(_digest(code), None)
        return ends_at is not None and ends_at > self._clock()

    def create_cookie(self) -> str:
        """Return a cookie value that this token's holder can verify, also after a restart."""
        payload = f"{int(self._clock()) + COOKIE_LIFE_S}.{secrets.token_urlsafe(12)}"
        return f"{payload}.{self._sign(payload)}"

    def is_cookie(self, value: str) -> bool:
        """Is this a cookie of ours that is not too old?"""
        payload, _, signature = value.rpartition(".")
        ends_at = payload.partition(".")[0]
        if not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), self._sign(payload).encode()):
            return False
        return ends_at.isdigit() and int(ends_at) > self._clock()

    def _sign(self, payload: str) -> str:
        return hmac.new(
            self.owner.encode(), b"cookie\0" + payload.encode("utf-8", "surrogateescape"), hashlib.sha256
        ).hexdigest()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()  # looked up by digest, so timing tells nothing of a code


def open_owner_token(state_dir: Path) -> str:
    """Return the token kept in the state folder, made on first use; only the user can read it."""
    path = state_dir / "owner-token"
    try:
        token = path.read_text().strip()
        path.chmod(0o600)
    except FileNotFoundError:
        token = ""
    if len(token) < 32:
        token = secrets.token_urlsafe(32)
        write_private(path, token + "\n")
    return token


def write_private(path: Path, text: str) -> None:
    """Write a file that only the user can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
    draft.replace(path)
