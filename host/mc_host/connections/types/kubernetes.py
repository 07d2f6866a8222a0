"""Clusters: the kubeconfig is the certificate of one contract and a property of the other; both are answered."""

from __future__ import annotations

from mc_host.connections.types import plain
from mc_host.connections.values import Values
from mc_host.resources import ConnectionResource
from mc_wire.model import Connection

KIND = "kubernetes"


def shape(resource: ConnectionResource, values: Values) -> Connection:
    """Return the connection with the kubeconfig in both places."""
    connection = plain.shape(resource, values)
    kubeconfig = str(values.properties.get("kubeconfig") or values.certificate)
    connection.properties["kubeconfig"] = kubeconfig
    connection.certificate = connection.certificate or kubeconfig
    return connection
