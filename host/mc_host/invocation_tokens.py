"""Mints the tokens that plugins act with, one per user, item, plugin and operation, and checks those that come back."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from mc_host.signing import SigningKey
from mc_host.subjects import Subject
from mc_wire.errors import Forbidden, NotSignedIn
from mc_wire.invocation_token import ALGORITHM, AUDIENCE, ISSUER, LIFE_S, UI_OPERATION, TokenClaims, verify_token

K = TypeVar("K")
V = TypeVar("V")
REUSE_UNTIL_LEFT_S = 90.0
"""A token with less than that left is not handed out again: the longest call, and what it asks at its end, fit in."""
_MAX_KEPT = 4096


@dataclass(frozen=True)
class Grant:
    """What one token is for; equal grants share a token."""

    subject: Subject
    plugin_id: str
    operation: str
    item_id: str = ""
    roles: tuple[str, ...] = ()
    depth: int = 0


@dataclass(frozen=True)
class _Minted:
    token: str
    ends_at: float


@dataclass(frozen=True)
class Proof:
    """A checked token and the user behind it."""

    subject: Subject
    claims: TokenClaims


class InvocationTokens:
    """Owns the key, the tokens in use, and which users they stand for.

    Users are known since this process minted for them; a token from before a restart proves nothing any more, and no
    plugin holds one, since plugins start again with their host.
    """

    def __init__(self, key: SigningKey, clock: Callable[[], float] = time.time) -> None:
        self.jwk = key.jwk
        self._key = key
        self._public = key.private.public_key()
        self._clock = clock
        self._minted: OrderedDict[Grant, _Minted] = OrderedDict()
        self._subjects: OrderedDict[str, Subject] = OrderedDict()
        self._checked: OrderedDict[str, TokenClaims] = OrderedDict()

    def mint(self, grant: Grant, *, is_fresh: bool = False) -> str:
        """Return a token for `grant`: one in use with enough life left, unless a fresh one is wanted."""
        now = self._clock()
        known = self._minted.get(grant)
        if known is not None and not is_fresh and known.ends_at - now > REUSE_UNTIL_LEFT_S:
            self._minted.move_to_end(grant)
            return known.token
        token = self._sign(grant, int(now))
        _keep(self._minted, grant, _Minted(token, int(now) + LIFE_S))
        _keep(self._subjects, grant.subject.user_id, grant.subject)
        return token

    def _sign(self, grant: Grant, now: int) -> str:
        import jwt

        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": [AUDIENCE],
            "sub": grant.subject.user_id,
            "pluginID": grant.plugin_id,
            "iat": now,
            "nbf": now,
            "exp": now + LIFE_S,
            "config": grant.item_id,
            "operation": grant.operation,
            "jti": str(uuid4()),
        }
        if grant.depth:
            claims["depth"] = grant.depth
        if grant.roles:
            claims["roles"] = list(grant.roles)
        return jwt.encode(claims, self._key.private, algorithm=ALGORITHM, headers={"kid": self._key.key_id})

    def plugin_of(self, token: str) -> str:
        """Return the id of the plugin that a token was made for. Raises: NotSignedIn (not ours, ended)."""
        return self._claims(token).plugin_id

    def _claims(self, token: str) -> TokenClaims:
        claims = self._checked.get(token)
        if claims is None or claims.exp <= self._clock():
            claims = verify_token(token, self._public, key_id=self._key.key_id)
            _keep(self._checked, token, claims)
        return claims

    def check(self, token: str, plugin_id: str) -> Proof:
        """Return who acts with a token of ours. Raises: NotSignedIn (not ours, ended), Forbidden (another plugin's)."""
        claims = self._claims(token)
        if claims.plugin_id != plugin_id:
            raise Forbidden("invocation token was made for another plugin")
        subject = self._subjects.get(claims.sub)
        if subject is None:
            raise NotSignedIn("invocation token names a user this host does not know")
        return Proof(subject, claims)

    def check_request(self, token: str, plugin_id: str, *, operation: str, item_id: str) -> Proof:
        """Return who asks over HTTP with a token: a page's for any operation, else the bound one, on the bound item.

        Raises: NotSignedIn, Forbidden.
        """
        proof = self.check(token, plugin_id)
        if proof.claims.operation not in (UI_OPERATION, operation):
            raise Forbidden(f"invocation token was made for another operation than {operation!r}")
        if proof.claims.item != item_id:
            raise Forbidden(f"invocation token was made for another item than {item_id or 'none'}")
        return proof


def _keep(table: OrderedDict[K, V], key: K, value: V) -> None:
    table[key] = value
    table.move_to_end(key)
    while len(table) > _MAX_KEPT:
        table.popitem(last=False)
