"""How a client's sockets are opened: keep-alive that notices a vanished peer, and the proxy on the way."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from mc_kube.kubeconfig import ClusterAccess
from mc_wire.errors import NotSupported

VANISHED_MS = 30_000
"""A peer that acknowledges nothing for that long is gone; without it a silent watch would wait for ever."""
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 15), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3))


def open_connector(limit: int) -> aiohttp.TCPConnector:
    """Return a pool of at most `limit` connections (0: no limit)."""
    return aiohttp.TCPConnector(limit=limit, keepalive_timeout=30, socket_factory=_open_socket)


def _open_socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol = address[:3]
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        opened.setsockopt(socket.IPPROTO_TCP, option, value)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_MS)
    return opened


def pick_proxy(access: ClusterAccess, environ: Mapping[str, str]) -> str | None:
    """Return kubectl's choice of proxy: the cluster's proxy-url, else the environment's. Raises: NotSupported."""
    proxy = access.proxy_url or _environment_proxy(access.server, environ)
    scheme = urlsplit(proxy).scheme if proxy else ""
    if scheme not in ("", "http", "https"):
        hint = "give an http proxy in proxy-url, or tunnel the API server's port and change `server`"
        raise NotSupported(f"proxy {scheme}:// of cluster {access.cluster!r} is not supported", hint=hint)
    return proxy or None


def _environment_proxy(server: str, environ: Mapping[str, str]) -> str:
    names = {name.lower(): value for name, value in environ.items() if value}
    address = urlsplit(server)
    host = (address.hostname or "").lower()
    rules = [rule.strip().lower() for rule in names.get("no_proxy", "").split(",") if rule.strip()]
    if _is_loopback(host) or any(_is_bypassed(host, rule) for rule in rules):
        return ""
    return names.get(f"{address.scheme}_proxy", "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_bypassed(host: str, rule: str) -> bool:
    """Go's rules: `*`, a name with its subdomains, `.name` for subdomains alone, an address, a network."""
    if rule == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        name = rule.split(":")[0]
        return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")
