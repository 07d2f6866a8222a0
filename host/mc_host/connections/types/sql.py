"""SQL servers: the plain shape; without TLS checks the URL says so in its driver's words."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mc_host.connections.types import plain
from mc_host.connections.values import Values
from mc_host.resources import ConnectionResource
from mc_wire.model import Connection

FAMILY = "sql"
POSTGRES = ("postgres", "postgresql")
KINDS = (*POSTGRES, "sql", "sql_server", "mssql", "mysql")


def shape(resource: ConnectionResource, values: Values) -> Connection:
    """Return the connection; `properties.type` is what plugins tell servers apart by."""
    connection = plain.shape(resource, values)
    scheme = values.url.partition("://")[0]
    if resource.spec.type == FAMILY and scheme in POSTGRES:
        connection.properties["type"] = "postgres"
    if resource.spec.type in POSTGRES:
        connection.properties["type"] = "postgres"
    if resource.spec.insecure_tls and scheme in POSTGRES:
        connection.url = without_tls(connection.url)
    return connection


def without_tls(url: str) -> str:
    """Return a PostgreSQL URL with `sslmode=disable`, unless it names a mode itself."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name == "sslmode" for name, _ in query):
        return url
    return urlunsplit(parts._replace(query=urlencode([*query, ("sslmode", "disable")])))
