"""The shipped CustomResourceDefinition in a real API server: what it takes, what it refuses, and its status."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

import mc_host
from mc_host.catalog.sources.kubernetes import KubernetesSource
from mc_host.catalog.sources.kubernetes_objects import KINDS
from mc_host.catalog.sources.plugin_crd import PLUGINS, PluginCrdSource
from mc_host.catalog.sources.plugin_status import Ready
from mc_kube.client import KubeClient
from mc_kube.resources import CUSTOM_RESOURCE_DEFINITIONS
from mc_wire.errors import InvalidParams, NotFound
from tests.fixtures.fix_cluster import Cluster
from tests.kube.sink import running
from tests.live.test_cluster_catalog import kubectl

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]
CRD = Path(mc_host.__file__).parent / "crd" / "plugin.yaml"
NAME = "plugins.mission-control.flanksource.com"
BOTH_SHAPES = {
    "types": {"postgres": "connection://ops/pg"},
    "labels": {"main": "connection://ops/main"},
    "kubernetes": {},
    "aws": {"connection": "connection://ops/aws", "region": "eu-west-1"},
    "fromConfigItem": True,
}


@pytest.fixture
async def namespace(cluster: Cluster) -> AsyncIterator[str]:
    """Return a fresh namespace of a cluster that knows Plugin resources."""
    async with cluster.open() as admin:
        try:
            await admin.create(CUSTOM_RESOURCE_DEFINITIONS, yaml.safe_load(CRD.read_text()))
            await until_served(admin)
            async with cluster.namespace() as name:
                yield name
        finally:
            await admin.delete(CUSTOM_RESOURCE_DEFINITIONS, NAME)
            await cluster.gone(CUSTOM_RESOURCE_DEFINITIONS, NAME)


async def until_served(admin: KubeClient) -> None:
    """Wait until the new path answers; that comes after the condition Established, and nothing tells when."""
    async with asyncio.timeout(30):
        while True:
            try:
                await admin.list_page(PLUGINS)
            except NotFound:
                await asyncio.sleep(0.1)
            else:
                return


def plugin(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": PLUGINS.api_version, "kind": "Plugin", "metadata": {"name": name}, "spec": spec}


async def test_plugin_keeps_both_shapes_of_connections(cluster: Cluster, namespace: str) -> None:
    spec = {
        "source": "postgres",
        "connections": BOTH_SHAPES,
        "sqlConnection": {"connection": "connection://ops/pg"},
        "selector": {"types": ["PostgreSQL::Server"], "own": "kept"},
        "properties": {"a": "1"},
        "audit": ["*"],
        "hostGRPCAddress": "10.0.0.1:1",
    }
    async with cluster.open() as admin:
        stored = msgspec.json.decode(await admin.create(PLUGINS, plugin("pg", **spec), namespace))
        assert stored["spec"] == spec
        bare = plugin("bare", source="x", sqlConnection="connection://ops/pg", connections={"kubernetes": {}})
        stored = msgspec.json.decode(await admin.create(PLUGINS, bare, namespace))
        assert stored["spec"] == bare["spec"]


async def test_plugin_needs_source_or_address(cluster: Cluster, namespace: str) -> None:
    async with cluster.open() as admin:
        with pytest.raises(InvalidParams) as caught:
            await admin.create(PLUGINS, plugin("none", version="1"), namespace)
        assert "spec.source is required (or spec.address for a remote plugin)" in caught.value.message
        with pytest.raises(InvalidParams, match=r"spec.audit"):
            await admin.create(PLUGINS, plugin("wrong", source="x", audit="all"), namespace)
        await admin.create(PLUGINS, plugin("remote", address="10.0.0.1:7000"), namespace)


async def test_plugin_is_declared_and_its_status_written_back(cluster: Cluster, namespace: str) -> None:
    rules = [
        {"apiGroups": [PLUGINS.group], "resources": ["plugins"], "verbs": ["list", "watch"]},
        {"apiGroups": [PLUGINS.group], "resources": ["plugins/status"], "verbs": ["patch"]},
    ]
    access = await cluster.service_account(namespace, "host", rules, is_wide=True)
    source = PluginCrdSource(access, {"PATH": os.environ["PATH"]})
    async with cluster.open() as admin, running(source) as sink:
        created = await admin.create(PLUGINS, plugin("pg", source="postgres"), namespace)
        uid = msgspec.json.decode(created)["metadata"]["uid"]
        await sink.until(lambda: [one.id for one in sink.plugins.get(source.name, [])] == [uid])
        ready = Ready(True, "Running", "pid 7", installed_path="/plugins/pg", version="1.2.0")
        assert await source.write_status(uid, ready)
        stored = msgspec.json.decode(await admin.get(PLUGINS, "pg", namespace))
        assert stored["status"]["observedGeneration"] == stored["metadata"]["generation"] == 1
        assert [one["status"] for one in stored["status"]["conditions"]] == ["True", "True"]
        await admin.patch(PLUGINS, "pg", {"spec": {"version": "2"}}, namespace)
        await sink.until(lambda: sink.plugins[source.name][0].spec.version == "2")
        assert await source.write_status(uid, Ready(False, "Failed", "no such binary"))
        stored = msgspec.json.decode(await admin.get(PLUGINS, "pg", namespace))
        assert stored["status"]["observedGeneration"] == 2 and stored["status"]["pluginVersion"] == "1.2.0"
        table = kubectl(cluster, "get", "plugins", "-n", namespace)
        assert [line.split()[:5] for line in table.splitlines()] == [
            ["NAME", "SOURCE", "READY", "REASON", "VERSION"],
            ["pg", "postgres", "False", "Failed", "1.2.0"],
        ]
        await admin.delete(PLUGINS, "pg", namespace)
        await sink.until(lambda: sink.plugins[source.name] == [])


async def test_crd_that_is_installed_later_is_found(cluster: Cluster) -> None:
    source = PluginCrdSource(cluster.access, {"PATH": os.environ["PATH"]}, retry_s=0.5)
    async with cluster.open() as admin, running(source) as sink:
        await sink.until(lambda: source.name in sink.plugins)
        assert sink.plugins[source.name] == [] and not sink.all_problems()
        try:
            await admin.create(CUSTOM_RESOURCE_DEFINITIONS, yaml.safe_load(CRD.read_text()))
            await until_served(admin)
            await admin.create(PLUGINS, plugin("pg", source="postgres"), "default")
            await sink.until(lambda: [one.name for one in sink.plugins[source.name]] == ["pg"])
        finally:
            await admin.delete(CUSTOM_RESOURCE_DEFINITIONS, NAME)
            await cluster.gone(CUSTOM_RESOURCE_DEFINITIONS, NAME)
        await sink.until(lambda: sink.plugins[source.name] == [])


async def test_shipped_role_is_all_that_the_host_needs(cluster: Cluster, namespace: str) -> None:
    role = yaml.safe_load(CRD.with_name("host_role.yaml").read_text())
    access = await cluster.service_account(namespace, "host", role["rules"], is_wide=True)
    environ = {"PATH": os.environ["PATH"]}
    plugins, items = PluginCrdSource(access, environ), KubernetesSource(access, environ)
    async with cluster.open() as admin, running(plugins, items) as sink:
        created = await admin.create(PLUGINS, plugin("pg", source="postgres"), namespace)
        uid = msgspec.json.decode(created)["metadata"]["uid"]
        await sink.until(lambda: [one.id for one in sink.plugins.get(plugins.name, [])] == [uid])
        assert await plugins.write_status(uid, Ready(True, "Running"))
        await sink.until(lambda: sink.has("Node", "node-1") and sink.has("Namespace", namespace))
        followed = {kind.plural for kind in KINDS}
        await sink.until(lambda: followed <= items.followed)
        assert sink.all_problems() == []
