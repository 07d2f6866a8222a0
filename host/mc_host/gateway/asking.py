"""What an HTTP request for an operation asks: who, which plugin and item, confirmed or not."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from aiohttp import web

from mc_host.gateway.keys import REQUEST_ID, SUBJECT
from mc_host.invocation import Request
from mc_wire.handshake import TOKEN_HEADER
from mc_wire.headers import PREFIX

CONFIRM_HEADER = PREFIX + "Confirm"
_YES = ("true", "1", "yes")


def read_request(request: web.Request, params: bytes = b"") -> Request:
    """Return the host's form of a request below `/api/plugins/<name>/<invoke|operations|proxy>/<operation>`."""
    name = request.match_info["name"]
    confirmed = request.query.get("confirm", "") or request.headers.get(CONFIRM_HEADER, "")
    return Request(
        plugin=name,
        operation=request.match_info["operation"],
        item_id=request.query.get("config_id", ""),
        params=params,
        subject=request.get(SUBJECT),
        token=request.headers.get(TOKEN_HEADER, ""),
        request_id=request[REQUEST_ID],
        is_confirmed=confirmed.lower() in _YES,
        is_own_page=_is_own_page(request, name),
    )


def _is_own_page(request: web.Request, name: str) -> bool:
    """Does the plugin's own page ask? Browsers name it, since pages are served with `Referrer-Policy: same-origin`."""
    parts = urlsplit(request.headers.get("Referer", ""))
    return parts.netloc == request.host and parts.path.startswith(f"/api/plugins/{quote(name, safe='')}/ui/")
