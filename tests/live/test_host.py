"""The whole host on a real cluster, from a laptop's kubeconfig and from inside a pod."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.sources.plugin_crd import PLUGINS
from mc_kube.client import KubeClient
from mc_kube.errors import Ask
from mc_kube.resources import CUSTOM_RESOURCE_DEFINITIONS, PODS
from tests.fixtures.fix_cluster import CLUSTER_ROLE_BINDINGS, Cluster, pod
from tests.fixtures.fix_host import HostFolder, eventually, folder, open_client
from tests.live.test_plugin_crd import CRD, NAME, plugin, until_served

__all__ = ["folder"]
pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import asyncio, json, msgspec, os
from mc_kube.client import KubeClient
from mc_kube.kubeconfig import find_in_cluster
from mc_kube.resources import NODES, PODS
from mc_wire.errors import Forbidden

async def main():
    access = find_in_cluster(os.environ)
    async with KubeClient(access, os.environ) as client:
        names = [msgspec.json.decode(one)["metadata"]["name"] for one in await client.list_all(PODS, access.namespace)]
        try:
            await client.list_page(NODES)
        except Forbidden as exc:
            print(json.dumps({"namespace": access.namespace, "pods": names, "denied": exc.message}))

asyncio.run(main())
"""


@pytest.fixture
async def namespace(cluster: Cluster) -> AsyncIterator[str]:
    async with cluster.namespace() as name:
        yield name


async def test_host_shows_the_cluster_and_runs_its_plugin_resources(
    cluster: Cluster, namespace: str, folder: HostFolder
) -> None:
    folder.install("helper")
    environ = {**folder.config().environ, "KUBECONFIG": str(cluster.kubeconfig)}
    config = folder.config(environ=environ, plugin_context="test", plugin_namespace=namespace)
    env = {"HELPER_BEHAVIOUR": "", "HELPER_NAME": "helper", "HELPER_NOTES": str(folder.notes)}
    async with cluster.open() as admin:
        try:
            await admin.create(CUSTOM_RESOURCE_DEFINITIONS, yaml.safe_load(CRD.read_text()))
            await until_served(admin)
            await admin.create(PLUGINS, plugin("helper", source="helper", env=env), namespace)
            await admin.create(PODS, pod("seen", "sleep", "3600"), namespace)
            async with open_client(config) as client:
                await eventually(lambda: client.host.registry.find(f"{namespace}/helper"), "declared", 30)
                await client.reaches("running", "helper")
                await _ready(admin, namespace, "True")
                catalog = client.host.catalog
                await eventually(lambda: catalog.list_page(_is_healthy_pod).total, "the pod is healthy", 60)
                page = await client.get(f"/api/catalog/items?type=Kubernetes::Pod&namespace={namespace}")
                assert [(row["name"], row["status"]) for row in page["items"]] == [("seen", "Running")]
                assert client.host.problems == []
        finally:
            await admin.delete(CUSTOM_RESOURCE_DEFINITIONS, NAME)
            await cluster.gone(CUSTOM_RESOURCE_DEFINITIONS, NAME)


def _is_healthy_pod(item: CatalogItem) -> bool:
    return (item.type, item.name, item.health) == ("Kubernetes::Pod", "seen", "healthy")


async def _ready(admin: KubeClient, namespace: str, wanted: str) -> None:
    async with asyncio.timeout(30):
        while True:
            stored = msgspec.json.decode(await admin.get(PLUGINS, "helper", namespace))
            conditions = stored.get("status", {}).get("conditions", [])
            if any(one["type"] == "Ready" and one["status"] == wanted for one in conditions):
                return
            await asyncio.sleep(0.1)


def _probing_pod(account: str) -> dict[str, Any]:
    """Return a pod that runs this interpreter and this checkout, mounted from the machine."""
    made = pod("probe", sys.executable, "-c", PROBE, restart="Never")
    folders = {"usr": "/usr", "python": sys.base_prefix, "venv": sys.prefix, "checkout": str(ROOT)}
    main = made["spec"]["containers"][0]
    main["image"] = "test.local/empty:1"
    main["volumeMounts"] = [{"name": name, "mountPath": path, "readOnly": True} for name, path in folders.items()]
    # No kube-proxy here, so the service's address leads nowhere: only the address is told, all else is the kubelet's.
    main["env"] = [
        {"name": "KUBERNETES_SERVICE_HOST", "value": "127.0.0.1"},
        {"name": "KUBERNETES_SERVICE_PORT", "value": "16443"},
    ]
    made["spec"] |= {
        "hostNetwork": True,
        "serviceAccountName": account,
        "volumes": [{"name": name, "hostPath": {"path": path}} for name, path in folders.items()],
    }
    return made


async def test_pod_reaches_its_cluster_by_its_own_account(cluster: Cluster, namespace: str) -> None:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    await cluster.service_account(namespace, "probe", rules, is_wide=False)
    async with cluster.open() as admin:
        await admin.create(PODS, _probing_pod("probe"), namespace)
        async with asyncio.timeout(90):
            while True:
                phase = msgspec.json.decode(await admin.get(PODS, "probe", namespace))["status"].get("phase")
                if phase in ("Succeeded", "Failed"):
                    break
                await asyncio.sleep(0.2)
        ask, path = Ask("get", PODS, namespace, "probe", "log"), PODS.path(namespace, "probe", "log")
        async with admin.stream("GET", path, ask) as content:
            printed = await content.read()
        assert phase == "Succeeded", printed.decode()
    seen = msgspec.json.decode(printed)
    assert (seen["namespace"], seen["pods"]) == (namespace, ["probe"])
    assert seen["denied"] == f"not allowed to list nodes as system:serviceaccount:{namespace}:probe"


async def test_service_account_of_the_cluster_signs_in_by_its_own_token(
    cluster: Cluster, namespace: str, folder: HostFolder
) -> None:
    """Keys come from the API server, which tells them to everybody once the cluster's administrator allows it."""
    await cluster.service_account(namespace, "auditor", [], is_wide=False)
    discovery = {
        "metadata": {"name": f"{namespace}-discovery"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "system:service-account-issuer-discovery",
        },
        "subjects": [
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:unauthenticated"},
        ],
    }
    issuer = {
        "issuer": "https://kubernetes.default.svc",
        "audiences": ["mission-control"],
        "jwks": f"{cluster.access.server}/openid/v1/jwks",
        "caFile": str(cluster.kubeconfig.parent / "pki/ca.crt"),
    }
    user = f"system:serviceaccount:{namespace}:auditor"
    grant = {"subjects": [user], "actions": ["catalog:read"], "selector": {"namespace": "shop"}}
    folder.write(
        "all.yaml",
        {"kind": "Issuer", "metadata": {"name": "cluster"}, "spec": issuer},
        {"kind": "Permission", "metadata": {"name": "auditor"}, "spec": grant},
        folder.item("seen", namespace="shop"),
        folder.item("unseen", namespace="other"),
    )
    async with cluster.open() as admin:
        await admin.create(CLUSTER_ROLE_BINDINGS, discovery)
        try:
            async with open_client(folder.config(kube_contexts=None)) as client:
                for audience, status in (("mission-control", 200), ("somebody-else", 401)):
                    token = await cluster.token(namespace, "auditor", audiences=[audience])
                    bearer = {"Authorization": f"Bearer {token}"}
                    found, _, body = await client.request("GET", "/api/me", headers=bearer, signed_in=False)
                    assert found == status, body
                    if status == 200:
                        assert msgspec.json.decode(body)["user"] == user
                        _, _, body = await client.request("GET", "/api/catalog/items", headers=bearer, signed_in=False)
                        assert [row["name"] for row in msgspec.json.decode(body)["items"]] == ["seen"]
        finally:
            await admin.delete(CLUSTER_ROLE_BINDINGS, f"{namespace}-discovery")
