"""How each connection type becomes what a plugin receives; one module per family, listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mc_host.connections.types import clouds, kubernetes, plain, sql
from mc_host.connections.values import Values
from mc_host.resources import ConnectionResource
from mc_wire.model import Connection

Shape = Callable[[ConnectionResource, Values], Connection]

_SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(sql.KINDS, sql.shape),
    kubernetes.KIND: kubernetes.shape,
    "aws": clouds.shape_aws,
    "gcp": clouds.shape_gcp,
    "azure": clouds.shape_azure,
}


def shape_connection(resource: ConnectionResource, values: Values) -> Connection:
    """Return the wire's connection for a resource of any type."""
    return _SHAPES.get(resource.spec.type, plain.shape)(resource, values)


def is_kind(resource: ConnectionResource, wanted: str) -> bool:
    """Does a connection of this type answer a request for type `wanted`?"""
    return resource.spec.type == wanted or (wanted == sql.FAMILY and resource.spec.type in sql.KINDS)
