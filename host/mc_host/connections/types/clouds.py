"""Cloud accounts: key, secret and session token of AWS; the credentials file of GCP; client and tenant of Azure."""

from __future__ import annotations

from mc_host.connections.types import plain
from mc_host.connections.values import Values
from mc_host.resources import ConnectionResource
from mc_wire.model import JSON, Connection


def shape_aws(resource: ConnectionResource, values: Values) -> Connection:
    """Return access key as username, secret key as password, session token as token, region and endpoint beside."""
    connection = plain.shape(resource, values)
    _fill(connection, values, username="accessKey", password="secretKey")
    connection.properties.setdefault("region", "")
    return connection


def shape_gcp(resource: ConnectionResource, values: Values) -> Connection:
    """Return the endpoint as URL and the credentials (JSON text) as certificate."""
    connection = plain.shape(resource, values)
    _fill(connection, values, certificate="credentials", url="endpoint")
    return connection


def shape_azure(resource: ConnectionResource, values: Values) -> Connection:
    """Return client id as username, client secret as password, and the tenant under both of its names."""
    connection = plain.shape(resource, values)
    _fill(connection, values, username="clientID", password="clientSecret")
    tenant = values.properties.get("tenantID") or values.properties.get("tenant") or ""
    connection.properties |= {"tenantID": tenant, "tenant": tenant}
    return connection


def _fill(connection: Connection, values: Values, **places: str) -> None:
    """Move what is written under the cloud's own word into the field that plugins read, unless that is set."""
    for field, name in places.items():
        own: JSON = values.properties.get(name)
        if own and not getattr(connection, field):
            setattr(connection, field, str(own))
        if field in ("password", "certificate"):
            connection.properties.pop(name, None)
