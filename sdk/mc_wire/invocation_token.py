"""The invocation token: what it says, and the one check of it that host and plugin share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from mc_wire.errors import NotSignedIn

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

ISSUER = "mission-control"
AUDIENCE = "mission-control-plugin-host"
ALGORITHM = "RS256"
LIFE_S = 300
"""From minting to the end; released hosts use the same."""
MAX_LIFE_S = 7 * 24 * 3600 + 1
"""A token that claims to live longer is refused, whoever signed it."""
UI_OPERATION = "ui"
"""What the `operation` claim says of a token that a plugin's page holds."""
MAX_TOKEN_CHARS = 64 * 1024


class TokenClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a checked token says. The first eight are the released contract's, the others ours."""

    iss: str
    aud: str | list[str]
    sub: str
    """The user."""
    plugin_id: str = msgspec.field(name="pluginID")
    exp: float
    iat: float = 0
    depth: int = 0
    roles: tuple[str, ...] = ()
    """Roles of the plugin's manifest that the user holds for the item."""
    item: str | None = msgspec.field(default=None, name="config")
    """Catalog item, empty for a global operation; None: a foreign host's token, which says nothing of it."""
    operation: str | None = None
    jti: str = ""
    """For audit: a token is used again until shortly before its end."""


def verify_token(token: str, key: RSAPublicKey, *, key_id: str = "") -> TokenClaims:
    """Return the claims of a token that `key` signed, for us, and that has not ended. Raises: NotSignedIn.

    The first call loads PyJWT and cryptography, a tenth of a second.
    """
    import jwt

    if len(token) > MAX_TOKEN_CHARS:
        raise NotSignedIn("invocation token is too large")
    try:
        header = jwt.get_unverified_header(token)
        _check_header(header, key_id)
        claims = jwt.decode(
            token, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options={"require": ["exp"]}
        )
        found = msgspec.convert(claims, TokenClaims)
    except (jwt.PyJWTError, ValueError, RecursionError) as exc:  # ValueError: not even text, or claims of other types
        raise NotSignedIn(f"invocation token is not valid: {exc}") from exc
    if found.exp > time.time() + MAX_LIFE_S:
        raise NotSignedIn("invocation token is not valid: it claims to live for more than seven days")
    if not found.plugin_id or not found.sub:
        raise NotSignedIn("invocation token is not valid: it names no plugin or no user")
    return found


def _check_header(header: dict[str, Any], key_id: str) -> None:
    found = header.get("kid")
    if key_id and found and found != key_id:
        raise NotSignedIn("invocation token is not valid: another key signed it")
