"""Which cluster a plugin reaches: the item's own, the current one without an item, a declared one before both."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml

from mc_host.catalog.items import from_resource
from mc_host.connections.derived import declared_cluster, host_cluster
from mc_host.connections.values import Sources, read_values
from mc_host.resources import ItemResource, ItemSpec, ValueFrom, ValueSource
from mc_wire.errors import NotFound
from tests.host.connections.test_resolve import Setting, declared, setting

__all__ = ["setting"]
POD, STRAY = (f"00000000-0000-4000-8000-00000000002{n}" for n in (1, 2))


def _pod(item_id: str, context: str) -> ItemResource:
    spec = ItemSpec(type="Kubernetes::Pod", tags={"context": context})
    return ItemResource(id=item_id, name=context, namespace="shop", spec=spec, origin="f")


TWO_CLUSTERS = """
clusters:
- {name: eu, cluster: {server: "https://eu.test", certificate-authority: ca.crt}}
- {name: us, cluster: {server: "https://us.test"}}
users: [{name: eu-user, user: {token: eu-token}}, {name: us-user, user: {token: us-token}}]
contexts:
- {name: prod-eu, context: {cluster: eu, user: eu-user, namespace: shop}}
- {name: prod-us, context: {cluster: us, user: us-user}}
current-context: prod-us
"""


@pytest.fixture
def two_clusters(setting: Setting, tmp_path: Path) -> Setting:
    """Return a resolver whose host has a kubeconfig of two contexts."""
    (tmp_path / "config").write_text(TWO_CLUSTERS)
    (tmp_path / "ca.crt").write_text("authority")
    setting.served = "Kubernetes::*"
    pods = [_pod(POD, "prod-eu"), _pod(STRAY, "gone")]
    setting.catalog.replace_source("clusters", [from_resource(one, "clusters") for one in pods])
    setting.resolver._environ = {"KUBECONFIG": f"{tmp_path / 'missing'}:{tmp_path / 'config'}", "HOME": "/nowhere"}
    return setting


def _server(kubeconfig: str) -> tuple[str, str, list[str]]:
    found = yaml.safe_load(kubeconfig)
    contexts = [one["name"] for one in found["contexts"]]
    return found["clusters"][0]["cluster"]["server"], found["users"][0]["user"]["token"], contexts


async def test_item_reaches_the_cluster_it_is_of_and_no_other(two_clusters: Setting) -> None:
    plugin = declared({"kubernetes": {}})
    eu = ("https://eu.test", "eu-token", ["prod-eu"])
    found = await two_clusters.ask(plugin, type="kubernetes", item_id=POD)
    assert _server(found.certificate) == eu
    assert found.properties["name"] == "kubernetes:prod-eu"
    released = await two_clusters.ask(plugin, item_id=POD)
    assert _server(released.properties["kubeconfig"]) == eu
    assert base64.b64encode(b"authority").decode() in found.certificate  # the files stay behind, what is in them goes
    current = await two_clusters.ask(plugin, type="kubernetes")
    assert _server(current.certificate) == ("https://us.test", "us-token", ["prod-us"])


async def test_item_of_an_unknown_context_gets_no_other_cluster(two_clusters: Setting) -> None:
    with pytest.raises(NotFound, match="no context 'gone'"):
        await two_clusters.ask(declared({"kubernetes": {}}), type="kubernetes", item_id=STRAY)


async def test_plugin_that_declares_no_cluster_gets_none_by_item(two_clusters: Setting) -> None:
    with pytest.raises(NotFound, match="has no connection"):
        await two_clusters.ask(declared({"sql": {}}), item_id=POD)


async def test_declared_kubeconfig_is_used_as_it_is(setting: Setting) -> None:
    inline = declared({"kubernetes": {"kubeconfig": {"value": "inline"}}})
    assert (await setting.ask(inline, type="kubernetes")).certificate == "inline"
    own = ValueSource(value_from=ValueFrom(env="KEY"))
    assert read_values(declared_cluster(own), Sources({"KEY": "text"})).certificate == "text"


def test_own_cluster_without_any_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no kubeconfig"):
        host_cluster({"HOME": str(tmp_path)})
