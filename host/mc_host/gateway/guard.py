"""Who may ask: host name, origin and sign-in, checked before any handler runs."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from mc_host.access.issuers import Issuers
from mc_host.gateway.errors import Handler
from mc_host.gateway.keys import GUARD, HEALTH_PATHS, METRICS_PATH, SUBJECT
from mc_host.subjects import OWNER, Subject
from mc_host.tokens import COOKIE_LIFE_S, Tokens
from mc_wire.errors import Forbidden, NotSignedIn
from mc_wire.handshake import TOKEN_HEADER

_SAME_SITE = ("", "same-origin", "none")
_SIGN_IN_HINT = "open the address that `mission-control serve` printed, or run `mission-control open`"


@dataclass
class Guard:
    """Knows the names this host answers to and who is let in."""

    tokens: Tokens
    issuers: Issuers
    by_token: frozenset[Handler] = frozenset()
    """Handlers that check an invocation token themselves when a request brings one instead of a sign-in."""
    public_url: str = ""
    """`https://name[:port]` of a proxy in front; empty when there is none."""
    port: int = 0

    @property
    def cookie_name(self) -> str:
        """Named after the port, since cookies of one machine's hosts share a jar."""
        return f"mission-control-{self.port}"

    def check_host(self, host: str) -> None:
        """Refuse a name that was rebound to this address. Raises: Forbidden."""
        if not self.is_loopback(host) and not self.is_public(host):
            raise Forbidden(f"this host does not answer to {host[:100]!r}")

    def is_loopback(self, host: str) -> bool:
        """Is this a name by which this machine calls itself?"""
        return host.lower() in {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    def is_public(self, host: str) -> bool:
        """Is this the name of the proxy in front?"""
        return bool(self.public_url) and host.lower() == self.public_url.removeprefix("https://")

    def origin(self, host: str) -> str:
        """Return the origin of pages under this name."""
        return self.public_url if self.is_public(host) else f"http://{host}"

    def check_origin(self, request: web.Request) -> None:
        """Refuse a page of another origin, other ports of this machine included. Raises: Forbidden."""
        origin = request.headers.get("Origin")
        if origin is not None and origin != self.origin(request.host):
            raise Forbidden(f"requests from {origin[:100]!r} are not accepted")
        # A page on another local port is "same-site": its requests carry our cookie, but no Origin when they only GET.
        if request.headers.get("Sec-Fetch-Site", "") not in _SAME_SITE:
            raise Forbidden("requests from other sites are not accepted")

    async def find_subject(self, request: web.Request) -> Subject | None:
        """Return the user a request proves to be; the owner is one on this machine only.

        Raises: NotSignedIn, with what is wrong with a foreign token.
        """
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            token = credentials.strip()
            if self.tokens.is_owner(token) and self.is_loopback(request.host):
                return OWNER
            return await self.issuers.identify(token) if self.issuers.may_know(token) else None
        cookie = request.cookies.get(self.cookie_name, "")
        is_owner = bool(cookie) and self.is_loopback(request.host) and self.tokens.is_cookie(cookie)
        return OWNER if is_owner else None

    def sign_in(self, code: str, target: str, host: str) -> web.Response:
        """Exchange a code for the cookie and send the browser on; without luck the page itself says what to do."""
        response = web.Response(status=303, headers={"Location": target, "Cache-Control": "no-store"})
        if self.is_loopback(host) and self.tokens.use_code(code):
            response.set_cookie(
                self.cookie_name,
                self.tokens.create_cookie(),
                max_age=COOKIE_LIFE_S,
                httponly=True,
                samesite="Strict",
                path="/",
            )
        return response


@web.middleware
async def check_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through to its handler, or refuse it."""
    if request.path in HEALTH_PATHS:
        return await handler(request)
    guard = request.app[GUARD]
    guard.check_host(request.host)
    if request.path.startswith("/api") or request.path == METRICS_PATH or request.method not in ("GET", "HEAD"):
        guard.check_origin(request)
        subject = await guard.find_subject(request)
        if subject is not None:
            request[SUBJECT] = subject
        elif TOKEN_HEADER not in request.headers or request.match_info.handler not in guard.by_token:
            raise NotSignedIn("not signed in", hint=_SIGN_IN_HINT)
    return await handler(request)
