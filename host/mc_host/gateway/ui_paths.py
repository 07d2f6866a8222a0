"""The path of a plugin's page below /api/plugins/<name>/ui: cleaned first, then checked, then forwarded."""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

from mc_wire.errors import NotFound
from mc_wire.model import Contract, Manifest
from mc_wire.paths import UI_PREFIX

_RESERVED = "__mc"
_UNQUOTED = "!$&'()*+,;=:@~-._"


def clean_path(raw_tail: str) -> str:
    """Return the path with each segment decoded once and encoded again. Raises: NotFound for what climbs or hides.

    `raw_tail` is as the browser sent it, from behind `/ui`; decoding before splitting would turn `%2f` into a
    separator, and decoding only once would let `%252e` through to a plugin that decodes again.
    """
    segments = []
    for raw in raw_tail.split("/")[1:]:
        segment = unquote(raw)
        if _is_hostile(segment) or _is_hostile(unquote(segment)) or _is_hostile(unquote(unquote(segment))):
            raise NotFound(f'plugin UI path "{raw_tail[:200]}" not found')
        segments.append(quote(segment, safe=_UNQUOTED))
    return "/" + "/".join(segments)


def _is_hostile(segment: str) -> bool:
    stripped = segment.strip()
    return stripped in ("..", ".") or any(char in segment for char in "/\\\0\r\n\ufffd") or segment == _RESERVED


def forwarded_path(path: str, contract: Contract, manifest: Manifest) -> str:
    """Return the path on the plugin's HTTP server. Raises: NotFound for what a released plugin's page cannot be."""
    if contract is Contract.DOCUMENTED:
        return path
    tabs = {tab.path if tab.path.startswith("/") else f"/{tab.path}" for tab in manifest.tabs}
    is_file = "." in path.rpartition("/")[2]
    if path in ("", "/") or path.startswith("/assets/") or is_file or unquote(path) in tabs:
        return UI_PREFIX + path
    raise NotFound(f'plugin UI path "{unquote(path)}" not found')


def browser_location(location: str, path: str, prefix: str) -> str | None:
    """Return a plugin's redirect as the browser must follow it, below `prefix`; None when it leads elsewhere."""
    parts = urlsplit(location)
    if parts.scheme or parts.netloc or location.startswith(("\\", "//", "/\\")):
        return None
    target = urlsplit(urljoin(path, location))
    try:
        cleaned = clean_path("/" + target.path.removeprefix(UI_PREFIX).lstrip("/"))
    except NotFound:
        return None
    query = f"?{target.query}" if target.query else ""
    fragment = f"#{target.fragment}" if target.fragment else ""
    return prefix + cleaned + query + fragment
