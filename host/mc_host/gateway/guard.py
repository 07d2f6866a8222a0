"""Who may ask: host name, origin and sign-in, checked before any handler runs."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from mc_host.gateway.errors import Handler
from mc_host.gateway.keys import GUARD, SUBJECT
from mc_host.permissions import OWNER, Subject
from mc_host.tokens import COOKIE_LIFE_S, Tokens
from mc_wire.errors import Forbidden, NotSignedIn

_SAME_SITE = ("", "same-origin", "none")
_SIGN_IN_HINT = "open the address that `mission-control serve` printed, or run `mission-control open`"


@dataclass
class Guard:
    """Knows the names this host answers to and who is let in."""

    tokens: Tokens
    port: int = 0

    @property
    def cookie_name(self) -> str:
        """Named after the port, since cookies of one machine's hosts share a jar."""
        return f"mission-control-{self.port}"

    def check_host(self, host: str) -> None:
        """Refuse a name that was rebound to this address. Raises: Forbidden."""
        if host.lower() not in {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}:
            raise Forbidden(f"this host does not answer to {host[:100]!r}")

    def check_origin(self, request: web.Request) -> None:
        """Refuse a page of another origin, other ports of this machine included. Raises: Forbidden."""
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise Forbidden(f"requests from {origin[:100]!r} are not accepted")
        # A page on another local port is "same-site": its requests carry our cookie, but no Origin when they only GET.
        if request.headers.get("Sec-Fetch-Site", "") not in _SAME_SITE:
            raise Forbidden("requests from other sites are not accepted")

    def find_subject(self, request: web.Request) -> Subject | None:
        """Return the user a request proves to be."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return OWNER if self.tokens.is_owner(token.strip()) else None
        cookie = request.cookies.get(self.cookie_name, "")
        return OWNER if cookie and self.tokens.is_cookie(cookie) else None

    def sign_in(self, code: str, target: str) -> web.Response:
        """Exchange a code for the cookie and send the browser on; without luck the page itself says what to do."""
        response = web.Response(status=303, headers={"Location": target, "Cache-Control": "no-store"})
        if self.tokens.use_code(code):
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
    guard = request.app[GUARD]
    guard.check_host(request.host)
    if request.path.startswith("/api") or request.method not in ("GET", "HEAD"):
        guard.check_origin(request)
        subject = guard.find_subject(request)
        if subject is None:
            raise NotSignedIn("not signed in", hint=_SIGN_IN_HINT)
        request[SUBJECT] = subject
    return await handler(request)
