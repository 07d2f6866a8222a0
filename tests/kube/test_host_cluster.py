"""The whole host with a cluster: items in the list, Plugin resources run, their status written back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mc_host.catalog.sources.plugin_crd import PLUGINS
from mc_host.config import ConfigError, read_config
from mc_host.plugin_reports import describe_plugin, find_refusal
from mc_host.resources import PluginResource, PluginSpec
from mc_host.supervisor.status import PluginState, Status
from mc_kube.resources import NAMESPACES, PODS
from tests.doubles.kube_api import KubeApi
from tests.fixtures.fix_host import HostFolder, eventually, folder, open_client
from tests.kube.test_catalog_source import READY, kubeconfig

__all__ = ["folder"]


@pytest.fixture
async def cluster(api: KubeApi) -> KubeApi:
    await api.put(NAMESPACES, "kube-system", status={"phase": "Active"})
    await api.put(PODS, "web", "shop", status=READY, spec={"nodeName": "node-1"})
    return api


def environ(folder: HostFolder, *apis: KubeApi) -> dict[str, str]:
    file = folder.root / "kubeconfig"
    file.write_text(kubeconfig(*apis))
    return {**folder.config().environ, "KUBECONFIG": str(file)}


async def test_host_lists_the_clusters_items_beside_those_of_files(folder: HostFolder, cluster: KubeApi) -> None:
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config(environ=environ(folder, cluster))) as client:
        await eventually(lambda: len(client.host.catalog.list_page(lambda _: True).items) == 3, "three items")
        page = await client.get("/api/catalog/items?type=Kubernetes::Pod")
        [row] = page["items"]
        assert (row["name"], row["namespace"], row["health"], row["status"]) == ("web", "shop", "healthy", "Running")
        assert row["tags"]["context"] == "c0" and row["source"] == "kubernetes:c0"
        item = await client.get(f"/api/catalog/items/{row['id']}")
        assert item["properties"]["node"] == "node-1" and item["config"]["kind"] == "Pod"
        cluster.denied |= {("list", "pods"), ("watch", "pods")}
        cluster.cut()
        await eventually(lambda: any("watch pods" in one for one in client.host.problems), "the denied kind is named")


async def test_plugin_resource_runs_and_its_status_is_written_back(folder: HostFolder, cluster: KubeApi) -> None:
    folder.install("helper")
    env: dict[str, Any] = {"HELPER_BEHAVIOUR": "", "HELPER_NAME": "helper", "HELPER_NOTES": str(folder.notes)}
    await cluster.put(PLUGINS, "helper", "ops", metadata={"generation": 1}, spec={"source": "helper", "env": env})
    await cluster.put(PLUGINS, "gone", "ops", metadata={"generation": 1}, spec={"source": "no-such-binary"})
    await cluster.put(PLUGINS, "far", "ops", metadata={"generation": 1}, spec={"address": "10.0.0.1:1"})
    config = folder.config(environ=environ(folder, cluster), plugin_context="c0")
    async with open_client(config) as client:
        await eventually(lambda: client.host.registry.find("ops/helper"), "the plugin is declared")
        await client.reaches("running", "helper")

        def ready(name: str) -> tuple[str, str]:
            conditions = cluster.stored(PLUGINS, name, "ops").get("status", {}).get("conditions", [])
            return next(((one["status"], one["reason"]) for one in conditions if one["type"] == "Ready"), ("", ""))

        await eventually(lambda: ready("helper") == ("True", "Running"), "its status says that it runs")
        status = cluster.stored(PLUGINS, "helper", "ops")["status"]
        assert status["pluginVersion"] and Path(status["installedPath"]).name == "helper"
        await eventually(lambda: ready("gone")[0] == "False", "the broken one says that it does not")
        await eventually(lambda: ready("far") == ("False", "Failed"), "the remote one is not dialled in the clear")
        await cluster.remove(PLUGINS, "helper", "ops")
        await eventually(lambda: client.host.registry.find("ops/helper") is None, "the plugin is stopped")


async def test_plugin_of_a_file_and_of_a_cluster_are_told_apart(folder: HostFolder, cluster: KubeApi) -> None:
    folder.plugin("helper")
    await cluster.put(PLUGINS, "helper", "default", metadata={"generation": 1}, spec={"source": "helper"})
    config = folder.config(environ=environ(folder, cluster), plugin_context="c0")
    async with open_client(config) as client:
        await client.reaches("running", "helper")
        text = "plugin default/helper is declared by"
        await eventually(lambda: any(text in one for one in client.host.problems), "the clash is named")
        [problem] = [one for one in client.host.problems if text in one]
        assert "helper.yaml and by cluster c0/default/helper" in problem

        def accepted() -> str:
            conditions = cluster.stored(PLUGINS, "helper", "default").get("status", {}).get("conditions", [])
            return next((one["status"] for one in conditions if one["type"] == "Accepted"), "")

        await eventually(lambda: accepted() == "False", "the resource says that it is not used")


def test_settings_of_clusters() -> None:
    base = {"HOME": "/home/me"}
    assert read_config(base).kube_contexts == () and read_config(base).plugin_context == "in-cluster"
    assert read_config(base | {"MISSION_CONTROL_KUBE_CONTEXTS": "a, b"}).kube_contexts == ("a", "b")
    assert read_config(base | {"MISSION_CONTROL_KUBE_CONTEXTS": ""}).kube_contexts is None
    named = read_config(base | {"MISSION_CONTROL_PLUGIN_CONTEXT": "c", "MISSION_CONTROL_PLUGIN_NAMESPACE": "n"})
    assert (named.plugin_context, named.plugin_namespace) == ("c", "n")
    with pytest.raises(ConfigError):
        read_config(base | {"MISSION_CONTROL_PORT": "x"})


@pytest.mark.parametrize("state", list(PluginState))
def test_every_state_has_a_condition(state: PluginState) -> None:
    ready = describe_plugin(Status(state=state, last_error="why"), None)
    assert ready.reason.isalpha() and ready.is_ready is {"running": True, "starting": None}.get(state.value, False)
    assert ready.message == ("" if ready.is_ready else "why")
    assert describe_plugin(None, None).reason == "Pending"


def test_refusal_is_found_by_its_declaration() -> None:
    plugin = PluginResource(id="1", name="pg", namespace="ops", spec=PluginSpec(), origin="cluster x/ops/pg")
    clash = "plugin ops/pg is declared by pg.yaml and by cluster x/ops/pg: the first runs"
    assert find_refusal(plugin, ["cluster x/ops/pg: plugin ops/pg: bad selector"]) == "bad selector"
    assert find_refusal(plugin, ["cluster y/ops/pg: plugin ops/pg: bad", clash]) == clash
    assert find_refusal(plugin, []) == ""
