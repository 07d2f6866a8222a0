"""What passes between a browser and a plugin, by list: names here, nothing else decides."""

from __future__ import annotations

from collections.abc import Mapping

from multidict import CIMultiDict

from mc_host.subjects import Subject
from mc_wire import headers as wire
from mc_wire.handshake import TOKEN_HEADER
from mc_wire.trace_context import CURRENT, TRACEPARENT, TRACESTATE

HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
_REQUEST_STRIPPED = HOP_BY_HOP | {
    *["host", "cookie", "authorization", "proxy-authorization", "forwarded", "origin", "expect", "x-request-id"],
    *[TOKEN_HEADER.lower(), TRACEPARENT, TRACESTATE],
}
_REQUEST_PREFIXES = (wire.PREFIX.lower(), "x-forwarded-")
_RESPONSE_STRIPPED = HOP_BY_HOP | {
    *[
        "set-cookie",
        "server",
        "date",
        "location",
        "refresh",
        "link",
        "content-security-policy",
        "content-security-policy-report-only",
        "clear-site-data",
        "strict-transport-security",
        "service-worker-allowed",
        "x-frame-options",
        "public-key-pins",
        "alt-svc",
        "nel",
        "report-to",
        "reporting-endpoints",
        "www-authenticate",
    ],
}
_RESPONSE_PREFIXES = ("access-control-", wire.PREFIX.lower())


def to_plugin(incoming: Mapping[str, str], own: Mapping[str, str]) -> CIMultiDict[str]:
    """Return a request's headers for the plugin: never a cookie or credential, and ours only as we set them."""
    passed = _passed(incoming, _REQUEST_STRIPPED, _REQUEST_PREFIXES)
    passed.update({name: _one_line(value) for name, value in own.items()})
    return passed


def to_browser(incoming: Mapping[str, str]) -> CIMultiDict[str]:
    """Return a response's headers for the browser, without what would act on the whole origin."""
    return _passed(incoming, _RESPONSE_STRIPPED, _RESPONSE_PREFIXES)


def _passed(incoming: Mapping[str, str], stripped: frozenset[str], prefixes: tuple[str, ...]) -> CIMultiDict[str]:
    # What Connection names is meant for the next hop only.
    named = {part.strip().lower() for part in incoming.get("Connection", "").split(",")}
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in incoming.items():
        folded = name.lower()
        if folded not in stripped and folded not in named and not folded.startswith(prefixes):
            kept.add(name, value)
    return kept


def identity(
    subject: Subject,
    *,
    item_id: str,
    token: str,
    request_id: str,
    secret: str,
    prefix: str,
    timeout_s: float | None = None,
) -> dict[str, str]:
    """Return the headers that tell a plugin who asks, on which item, and that it is the host that says so."""
    own = {
        wire.PREFIX_HEADER: prefix,
        wire.USER_HEADER: subject.user_id,
        wire.EMAIL_HEADER: subject.email,
        wire.ITEM_HEADER: item_id,
        TOKEN_HEADER: token,
        wire.REQUEST_HEADER: request_id,
        wire.SECRET_HEADER: secret,
        wire.TIMEOUT_HEADER: "" if timeout_s is None else f"{timeout_s:g}",
        **dict(CURRENT.get().items()),
    }
    return {name: value for name, value in own.items() if value}


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
