"""What each connection type becomes: the fields that plugins of either contract read."""

from __future__ import annotations

from typing import Any

from mc_host.connections.types import shape_connection
from mc_host.connections.values import Sources, read_values
from mc_host.resources import ConnectionResource, ConnectionSpec


def shaped(**spec: Any) -> Any:
    """Return the connection of a resource."""
    resource = ConnectionResource(id="1", name="c", namespace="prod", spec=ConnectionSpec(**spec), origin="f")
    return shape_connection(resource, read_values(resource, Sources({"KEY": "from env"})))


def test_every_type_carries_what_the_released_contract_derives() -> None:
    for kind in ("kubernetes", "postgres", "sql", "sql_server", "aws", "gcp", "azure", "http"):
        found = shaped(type=kind, url="https://h", properties={"sessionToken": "t"}, insecure_tls=True)
        assert (found.type, found.token, found.properties["endpoint"]) == (kind, "t", "https://h")
        assert (found.properties["name"], found.properties["namespace"]) == ("c", "prod")
        assert found.properties["insecureTLS"] == "true"


def test_kubernetes_has_its_kubeconfig_in_both_places() -> None:
    for spec in ({"certificate": "text"}, {"properties": {"kubeconfig": "text"}}):
        found = shaped(type="kubernetes", **spec)
        assert found.certificate == found.properties["kubeconfig"] == "text"


def test_aws_is_key_secret_token_region_and_endpoint() -> None:
    own = {"region": "eu-1", "endpoint": "https://s3", "sessionToken": "t"}
    for spec in (
        {"username": "key", "password": "secret", "properties": own},
        {"properties": {**own, "accessKey": "key", "secretKey": "secret"}},
    ):
        found = shaped(type="aws", **spec)
        assert (found.username, found.password, found.token) == ("key", "secret", "t")
        assert (found.properties["region"], found.properties["endpoint"]) == ("eu-1", "https://s3")
        assert "secretKey" not in found.properties


def test_gcp_is_endpoint_and_credentials() -> None:
    for spec in (
        {"url": "https://g", "certificate": "{}"},
        {"properties": {"endpoint": "https://g", "credentials": "{}"}},
    ):
        found = shaped(type="gcp", **spec)
        assert (found.url, found.certificate) == ("https://g", "{}") and "credentials" not in found.properties


def test_azure_is_client_secret_and_tenant() -> None:
    for name in ("tenant", "tenantID"):
        found = shaped(type="azure", username="id", password="secret", properties={name: "t"})
        assert (found.username, found.password) == ("id", "secret")
        assert found.properties["tenantID"] == found.properties["tenant"] == "t"
