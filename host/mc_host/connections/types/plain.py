"""Any type without rules of its own: the fields as they are, in the shape both contracts read."""

from __future__ import annotations

from mc_host.connections.values import Values
from mc_host.resources import ConnectionResource
from mc_wire.model import JSON, Connection

_TOKEN_KEYS = ("token", "sessionToken", "session_token")


def shape(resource: ConnectionResource, values: Values) -> Connection:
    """Return the connection with the released contract's derived properties added."""
    spec = resource.spec
    properties: dict[str, JSON] = {
        "type": spec.type,
        "name": resource.name,
        "namespace": resource.namespace,
        "insecureTLS": str(spec.insecure_tls).lower(),
        **values.properties,
    }
    properties.setdefault("endpoint", values.url)
    token = next((str(values.properties[key]) for key in _TOKEN_KEYS if values.properties.get(key)), "")
    return Connection(
        type=spec.type,
        url=values.url,
        username=values.username,
        password=values.password,
        certificate=values.certificate,
        token=token,
        properties=properties,
    )
