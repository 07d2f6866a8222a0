"""Checks the invocation token of a call against the host's key, once per token; the one place with that rule."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from mc_wire.errors import Forbidden, NotSignedIn
from mc_wire.invocation_token import TokenClaims, verify_token

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_MAX_KNOWN = 256


class TokenVerifier:
    """Knows the key that the host handed over at registration. Cheap until the first token comes."""

    def __init__(self, jwk: str, plugin_id: str = "") -> None:
        self._jwk = jwk
        self._plugin_id = plugin_id
        self._key: tuple[RSAPublicKey, str] | None = None
        self._loading = asyncio.Lock()
        self._known: OrderedDict[str, TokenClaims] = OrderedDict()

    async def check(self, token: str, *, operation: str, item_id: str) -> TokenClaims:
        """Return the claims of a token that is good for this call.

        Raises: NotSignedIn (none, forged, ended), Forbidden (made for another plugin, item or operation).
        """
        if not token:
            raise NotSignedIn("invocation token is required")
        claims = self._find(token) or await self._verify(token)
        if self._plugin_id and claims.plugin_id != self._plugin_id:
            raise Forbidden("invocation token was made for another plugin")
        if claims.operation is not None and claims.operation != operation:
            raise Forbidden(f"invocation token was made for another operation than {operation!r}")
        if claims.item is not None and claims.item != _canonical(item_id):
            raise Forbidden(f"invocation token was made for another item than {item_id or 'none'}")
        return claims

    def _find(self, token: str) -> TokenClaims | None:
        claims = self._known.get(token)
        if claims is None:
            return None
        if claims.exp <= time.time():
            del self._known[token]
            return None
        self._known.move_to_end(token)
        return claims

    async def _verify(self, token: str) -> TokenClaims:
        async with self._loading:
            if self._key is None:
                self._key = await asyncio.to_thread(_load_key, self._jwk)
        key, key_id = self._key
        claims = verify_token(token, key, key_id=key_id)
        self._known[token] = claims
        while len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)
        return claims


def _canonical(item_id: str) -> str:
    """Return an item's id as tokens spell it; a query may spell a UUID in capitals."""
    from uuid import UUID

    try:
        return str(UUID(item_id))
    except ValueError:
        return item_id


def _load_key(jwk: str) -> tuple[RSAPublicKey, str]:
    """Return key and key id; loading the libraries takes a tenth of a second, hence a thread."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        parsed: Any = jwt.PyJWK.from_json(jwk, "RS256")
    except (jwt.PyJWTError, ValueError) as exc:
        raise NotSignedIn(f"the host's key cannot be read: {exc}") from exc
    if not isinstance(parsed.key, RSAPublicKey):
        raise NotSignedIn("the host's key is not a public RSA key")
    return parsed.key, parsed.key_id or ""
