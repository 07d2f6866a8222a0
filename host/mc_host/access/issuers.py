"""Users by signed JWT: tokens of OIDC providers, identity-aware proxies and Kubernetes service accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mc_host.access.keys import KeySource
from mc_host.resources import IssuerResource, IssuerSpec
from mc_host.subjects import Subject, is_reserved
from mc_wire.errors import NotSignedIn

if TYPE_CHECKING:
    from mc_wire.model import JSON

ALGORITHMS = ("RS256", "ES256")
LEEWAY_S = 10.0
"""Clocks of issuer and host may differ by that much."""
_MAX_TOKEN_CHARS = 32 * 1024
_MAX_GROUPS = 1000


class Issuers:
    """Knows the declared issuers and tells who a token says it is."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[IssuerSpec, KeySource]] = {}

    def replace_all(self, resources: Iterable[IssuerResource]) -> list[str]:
        """Make `resources` all there are; keys of those that stayed the same are kept.

        Returns what was wrong: an issuer whose users could be taken for another's is not believed.
        """
        fresh: dict[str, tuple[IssuerSpec, KeySource]] = {}
        problems = []
        for resource in resources:
            spec = resource.spec
            rival = next((one for one, _ in fresh.values() if one.user_prefix == spec.user_prefix), None)
            if rival is not None:
                text = f"{resource.origin}: issuer {resource.name} shares its userPrefix with {rival.issuer}"
                problems.append(f"{text}, so its users could be taken for those; it is not believed")
                continue
            known = self._sources.get(spec.issuer)
            fresh[spec.issuer] = known if known is not None and known[0] == spec else (spec, KeySource(spec))
        self._sources = fresh
        return problems

    def may_know(self, token: str) -> bool:
        """Is it worth a look: shaped like a JWT, and is there any issuer?"""
        return bool(self._sources) and token.count(".") == 2

    async def identify(self, token: str) -> Subject:
        """Return the user of a good token. Raises: NotSignedIn, with the reason."""
        import jwt

        if len(token) > _MAX_TOKEN_CHARS:
            raise NotSignedIn("bearer token is too large")
        try:
            header = jwt.get_unverified_header(token)
            unverified = jwt.decode(token, options={"verify_signature": False})
            spec, source = self._find(unverified.get("iss"))
            algorithm = str(header.get("alg"))
            if algorithm not in ALGORITHMS:
                raise NotSignedIn(f"bearer token refused: it is signed with {algorithm[:20]}, not RS256 or ES256")
            key = await source.find_key(header.get("kid"), algorithm)
            claims = await asyncio.to_thread(_verify, token, key, algorithm, spec)
        except (jwt.PyJWTError, ValueError, RecursionError) as exc:  # ValueError: not even text
            raise NotSignedIn(f"bearer token refused: {exc}") from exc
        return _subject(claims, spec)

    def _find(self, issuer: JSON) -> tuple[IssuerSpec, KeySource]:
        found = self._sources.get(issuer) if isinstance(issuer, str) else None
        if found is None:
            raise NotSignedIn("bearer token refused: its issuer is not one of this host's")
        return found


def _verify(token: str, key: Any, algorithm: str, spec: IssuerSpec) -> dict[str, JSON]:
    import jwt

    claims: dict[str, JSON] = jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        audience=list(spec.audiences),
        issuer=spec.issuer,
        leeway=LEEWAY_S,
        options={"require": ["exp", "iss", "aud"]},
    )
    return claims


def _subject(claims: dict[str, JSON], spec: IssuerSpec) -> Subject:
    name = claims.get(spec.user_claim)
    if not isinstance(name, str) or not name.strip():
        raise NotSignedIn(f"bearer token refused: its claim {spec.user_claim!r} names no user")
    if spec.user_claim == "email" and claims.get("email_verified") is False:
        raise NotSignedIn("bearer token refused: its e-mail address is not verified")
    user_id = spec.user_prefix + name
    if is_reserved(user_id) or not user_id.isprintable():
        raise NotSignedIn("bearer token refused: its user's name is one that this host keeps for itself")
    return Subject(user_id=user_id, email=_email(claims), groups=_groups(claims, spec))


def _email(claims: dict[str, JSON]) -> str:
    email = claims.get("email")
    is_usable = isinstance(email, str) and email.isprintable() and claims.get("email_verified") is not False
    return str(email) if is_usable else ""


def _groups(claims: dict[str, JSON], spec: IssuerSpec) -> tuple[str, ...]:
    found = claims.get(spec.groups_claim)
    names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return tuple(sorted({spec.group_prefix + name for name in names[:_MAX_GROUPS] if isinstance(name, str)}))
