"""PostgreSQL servers that listen on this machine's sockets, or that the environment's PG variables name."""

from __future__ import annotations

import asyncio
import getpass
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import uuid5

import msgspec

from mc_host.catalog.items import CatalogItem, Detail
from mc_host.catalog.sources import SourceSink
from mc_host.catalog.sources.processes import SOURCE as MACHINE
from mc_host.catalog.sources.processes import read_machine_id
from mc_host.resources import ID_SPACE, ConnectionResource, ConnectionSpec, ValueFrom, ValueSource

SOURCE = "local databases"
NAMESPACE = "this-host"
INTERVAL_S = 10.0
KIND = "PostgreSQL::Server"

_SOCKET = re.compile(r"(/.*)/\.s\.PGSQL\.(\d{1,5})$")
USUAL_FOLDERS = ("/run/postgresql", "/var/run/postgresql", "/tmp")  # where servers put their sockets
_LISTENING = 0x10000  # __SO_ACCEPTCON in the flags of /proc/net/unix


@dataclass(frozen=True, order=True)
class Server:
    """Where a server can be reached: a socket folder, or the host of PGHOST."""

    host: str
    port: int
    is_environment: bool = False


class PostgresServerSource:
    """Implements `CatalogSource`. The login is the operating system's user, or what the PG variables say."""

    name = SOURCE

    def __init__(self, environ: Mapping[str, str], proc: Path = Path("/proc"), interval_s: float = INTERVAL_S) -> None:
        self._environ = environ
        self._proc = proc
        self._interval_s = interval_s
        self._machine = read_machine_id()
        self._known: list[Server] | None = None

    async def run(self, sink: SourceSink) -> None:
        """Tell `sink` which servers there are whenever that changes, until cancelled."""
        while True:
            servers = await asyncio.to_thread(self.look)
            if servers != self._known:
                self._known = servers
                sink.replace_connections(SOURCE, [self.connection(server) for server in servers])
                sink.replace_items(SOURCE, [self.item(server) for server in servers])
            await asyncio.sleep(self._interval_s)

    def look(self) -> list[Server]:
        """Return the servers there are now, in order; a socket and PGHOST that mean the same are one."""
        found = set(list_sockets(self._proc / "net" / "unix"))
        named = from_environment(self._environ)
        if named is not None and Server(named.host, named.port) not in found:
            found.add(named)
        return sorted(found)

    def id_of(self, server: Server) -> str:
        """Return the item's id: the machine and the address."""
        return str(uuid5(ID_SPACE, f"{MACHINE}\0{self._machine}\0postgres\0{server.host}\0{server.port}"))

    def item(self, server: Server) -> CatalogItem:
        """Return the server's item."""
        where = "environment" if server.is_environment else "socket"
        properties = {"host": server.host, "port": server.port, "foundBy": where}
        name = f"postgres {server.port}" if not server.is_environment else f"{server.host}:{server.port}"
        return CatalogItem(
            id=self.id_of(server),
            name=name,
            type=KIND,
            source=SOURCE,
            health="healthy" if not server.is_environment else "unknown",
            status="listening" if not server.is_environment else "",
            tags={"found": where},
            connection=f"connection://{NAMESPACE}/{self.id_of(server)}",
            haystack="\n".join((name, KIND, server.host, str(server.port))).casefold(),
            detail=zlib.compress(msgspec.json.encode(Detail(properties=properties)), 3),
        )

    def connection(self, server: Server) -> ConnectionResource:
        """Return how the server is reached; a password stays where it is until it is needed."""
        env = self._environ if is_meant(server, self._environ) else {}
        user = env.get("PGUSER") or getpass.getuser()
        database = env.get("PGDATABASE") or "postgres"
        query = {"sslmode": env["PGSSLMODE"]} if env.get("PGSSLMODE") else {}
        address = f"{server.host}:{server.port}"
        if server.host.startswith("/"):
            address, query = "", {"host": server.host, "port": str(server.port), **query}
        url = f"postgres://{address}/{quote(database, safe='')}" + (f"?{urlencode(query)}" if query else "")
        password = ValueSource(value_from=ValueFrom(env="PGPASSWORD")) if env.get("PGPASSWORD") else ""
        return ConnectionResource(
            id=str(uuid5(ID_SPACE, f"connection\0{self.id_of(server)}")),
            name=self.id_of(server),
            namespace=NAMESPACE,
            spec=ConnectionSpec(type="postgres", url=url, username=user, password=password),
            origin=SOURCE,
        )


def is_meant(server: Server, environ: Mapping[str, str]) -> bool:
    """Are the PG variables about this server? As in libpq: PGHOST, or the usual socket folders without it, and PGPORT.

    Another server must not get their login.
    """
    named = from_environment(environ)
    if named is not None:
        return (server.host, server.port) == (named.host, named.port)
    is_usual = not environ.get("PGHOST") and server.host in USUAL_FOLDERS
    return is_usual and str(server.port) == (environ.get("PGPORT") or "5432")


def list_sockets(path: Path) -> list[Server]:
    """Return the servers whose sockets are listened on, by the kernel's own list (a stale file is not in it)."""
    try:
        lines = path.read_text(errors="replace").splitlines()[1:]
    except OSError:
        return []
    found = []
    for line in lines:
        fields = line.split(None, 7)
        socket = _SOCKET.match(fields[7]) if len(fields) == 8 else None
        if socket and int(fields[3], 16) & _LISTENING and os.path.isdir(socket[1]):
            found.append(Server(socket[1], int(socket[2])))
    return found


def from_environment(environ: Mapping[str, str]) -> Server | None:
    """Return the server that PGHOST names, if it is set to one host with a sensible port."""
    host = environ.get("PGHOST", "")
    port = environ.get("PGPORT") or "5432"
    if not host or "," in host or not port.isdigit() or not 0 < int(port) < 65536:
        return None
    return Server(host, int(port), is_environment=True)
