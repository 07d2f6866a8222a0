"""Connection URLs: parsed tolerantly, given another database, rendered again; errors never repeat them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://")
HOST = r"(?:\[[0-9A-Fa-f:.%]*\]|[^\[\]@:/?#,\s]*)(?::[0-9]*)?"
HOSTS = re.compile(rf"{HOST}(?:,{HOST})*")
URL_REST = re.compile(rf"(?P<hosts>{HOSTS.pattern})(?:/(?P<database>[^?#]*))?(?:\?(?P<query>.*))?", re.DOTALL)


class BadUrl(ValueError):
    """A connection URL cannot be read; the text never contains any part of it."""


@dataclass(frozen=True)
class ConnectionUrl:
    """The parts of a connection URL, decoded; `user` and `password` are None when absent, `database` '' when absent."""

    scheme: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    hosts: tuple[tuple[str, str], ...] = ()
    """Pairs of host and port as written; IPv6 addresses without brackets."""
    database: str = ""
    params: tuple[tuple[str, str], ...] = ()

    def with_database(self, database: str) -> ConnectionUrl:
        """Return the same server with another database; a `dbname` parameter would override the path and goes."""
        if not database:
            raise BadUrl("database name is empty")
        params = tuple(pair for pair in self.params if pair[0] != "dbname")
        return replace(self, database=database, params=params)

    def render(self) -> str:
        """Return the URL with everything percent-encoded and its parameters in the order of their keys."""
        user = "" if self.user is None else quote(self.user, safe="")
        if self.password is not None:
            user += ":" + quote(self.password, safe="")
        hosts = ",".join(render_host(host, port) for host, port in self.hosts)
        text = f"{self.scheme}://{user + '@' if user else ''}{hosts}"
        if self.database:
            text += "/" + quote(self.database, safe="+")
        if self.params:
            text += "?" + "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in sorted(self.params))
        return text


def render_host(host: str, port: str) -> str:
    """Return `host:port`, with brackets around an IPv6 address; a socket folder is percent-encoded."""
    name = f"[{host}]" if ":" in host else quote(host)
    name = name.replace("/", "%2F")
    return f"{name}:{port}" if port else name


def parse_url(text: str, *, user: str = "", password: str = "") -> ConnectionUrl:
    """Return the parts of a URL; `user` and `password` are what a host filled in, perhaps without encoding them.

    Raises: BadUrl. A password with raw `@ : / # ? %` is understood when it is the given one, or when only one
    reading of the URL has a proper host after the `@`.
    """
    match = SCHEME.match(text)
    if match is None:
        raise BadUrl("the connection URL has no scheme")
    scheme, rest = match.group(1), text[match.end() :]
    found_user, found_password, tail = split_user_info(rest, user, password)
    parts = URL_REST.fullmatch(tail)
    if parts is None:
        raise BadUrl("the connection URL has no readable host")
    return ConnectionUrl(
        scheme=scheme,
        user=found_user,
        password=found_password,
        hosts=parse_hosts(parts["hosts"]),
        database=unquote(parts["database"] or ""),
        params=parse_query(parts["query"] or ""),
    )


def split_user_info(rest: str, user: str, password: str) -> tuple[str | None, str | None, str]:
    """Return user, password and what follows the `@`."""
    if user and password and rest.startswith(f"{user}:{password}@"):  # filled in without encoding
        return user, password, rest[len(user) + len(password) + 2 :]
    at = find_at(rest)
    if at < 0:
        return None, None, rest
    name, colon, secret = rest[:at].partition(":")
    return unquote(name), unquote(secret) if colon else None, rest[at + 1 :]


def find_at(rest: str) -> int:
    """Return where the `@` is that ends the user info, or -1."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" not in authority and HOSTS.fullmatch(authority):
        return -1
    readings = [at.start() for at in re.finditer("@", rest) if URL_REST.fullmatch(rest, at.end())]
    with_host = [at for at in readings if rest[at + 1 : at + 2] not in ("", "/", "?", ":")]
    return next(iter(with_host or readings), -1)


def parse_hosts(text: str) -> tuple[tuple[str, str], ...]:
    """Return the host and port pairs of a comma-separated authority."""
    pairs = []
    for part in text.split(","):
        if part.startswith("["):
            host, _, port = part[1:].partition("]")
            pairs.append((host, port.removeprefix(":")))
        else:
            host, _, port = part.partition(":")
            pairs.append((unquote(host), port))
    return tuple(pair for pair in pairs if pair != ("", ""))


def parse_query(text: str) -> tuple[tuple[str, str], ...]:
    """Return the parameters; a second `?` counts as `&`, since some hosts append `?sslmode=…` to any URL."""
    pairs = []
    for part in re.split("[&?]", text):
        if part:
            key, _, value = part.partition("=")
            pairs.append((decode_plus(key), decode_plus(value)))
    return tuple(pairs)


def decode_plus(text: str) -> str:
    """Decode a query part, where `+` is a blank."""
    return unquote(text.replace("+", " "))
