"""A plugin on a scripted cluster: one deployment with pods, and the ways to ask for their lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiohttp.test_utils import TestClient, TestServer

from mc_kube.kubeconfig_text import render_kubeconfig
from mc_kube.resources import DEPLOYMENTS, PODS
from mc_kubernetes_logs.http_server import LogsHttpServer
from mc_kubernetes_logs.plugin import KubernetesLogsPlugin
from mc_kubernetes_logs.settings import LogsSettings
from mc_sdk import Connection, Item
from mc_sdk.testing import FakeHost, PluginHarness
from mc_wire.handshake import TOKEN_HEADER
from mc_wire.model import Contract
from tests.doubles.kube_api import KubeApi, open_kube_api
from tests.kubernetes_logs.follow import Follow, open_follow

NAMESPACE = "test"
Json = dict[str, Any]


def container_status(name: str, *, instance: str, restarts: int = 0, last: Json | None = None) -> Json:
    """Return the status of a container that runs."""
    status: Json = {
        "name": name,
        "ready": True,
        "restartCount": restarts,
        "containerID": f"containerd://{instance}",
        "image": "shop:1",
        "state": {"running": {"startedAt": "2026-11-22T09:59:59Z"}},
        "lastState": {},
    }
    if last:
        status["lastState"] = {"terminated": last}
    return status


@dataclass
class Scene:
    """The cluster, the host's fake, and the plugin in this process."""

    api: KubeApi
    plugin: PluginHarness
    item: Item
    instances: dict[tuple[str, str], int] = field(default_factory=dict)

    async def put_pod(self, name: str, *containers: str, labels: Json | None = None, **status: Any) -> Json:
        """Create a running pod of the deployment."""
        names = containers or ("main",)
        for one in names:
            self.instances.setdefault((name, one), 0)
        statuses = [container_status(one, instance=f"{name}-{one}-{self.instances[name, one]}") for one in names]
        owner = {"kind": "ReplicaSet", "name": "web-5f7", "uid": "rs-1", "controller": True}
        return await self.api.put(
            PODS,
            name,
            NAMESPACE,
            metadata={"labels": labels or {"app": "web"}, "ownerReferences": [owner]},
            spec={"nodeName": "node-1", "containers": [{"name": one, "image": "shop:1"} for one in names]},
            status={"phase": "Running", "containerStatuses": statuses, **status},
        )

    async def restart(self, pod: str, container: str = "main", exit_code: int = 1) -> None:
        """Let a container exit and come back as another instance."""
        await self.api.logs.restart(pod, container, NAMESPACE)
        before = self.instances[pod, container]
        self.instances[pod, container] = before + 1
        found = json.loads(json.dumps(self.api.stored(PODS, pod, NAMESPACE)))
        last = {
            "exitCode": exit_code, "reason": "Error", "containerID": f"containerd://{pod}-{container}-{before}",
            "finishedAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }  # fmt: skip
        for at, one in enumerate(found["status"]["containerStatuses"]):
            if one["name"] == container:
                name = f"{pod}-{container}-{before + 1}"
                found["status"]["containerStatuses"][at] = container_status(
                    container, instance=name, restarts=before + 1, last=last
                )
        await self.api.put(PODS, pod, NAMESPACE, spec=found["spec"], status=found["status"],
                           metadata={k: found["metadata"][k] for k in ("labels", "ownerReferences")})  # fmt: skip

    async def invoke(self, operation: str, **params: Any) -> Any:
        """Return an operation's result."""
        return await self.plugin.invoke(operation, params, item_id=self.item.id)

    @asynccontextmanager
    async def following(self, **params: Any) -> AsyncIterator[Follow]:
        """Open a stream as the page does."""
        async with open_follow(self.plugin, self.item, params) as follow:
            yield follow


@asynccontextmanager
async def open_scene(settings: LogsSettings | None = None, **api_settings: Any) -> AsyncIterator[Scene]:
    """Run a deployment `web` without pods, and the plugin."""
    async with open_kube_api(**api_settings) as api:
        selector = {"matchLabels": {"app": "web"}}
        await api.put(DEPLOYMENTS, "web", NAMESPACE, spec={"selector": selector, "replicas": 1}, status={})
        item = Item(id=str(uuid4()), name="web", type="Kubernetes::Deployment", tags={"namespace": NAMESPACE})
        kubeconfig = render_kubeconfig(api.access)
        connection = Connection(type="kubernetes", properties={"kubeconfig": kubeconfig}, certificate=kubeconfig)
        host = FakeHost(items={item.id: item}, connections={item.id: connection})
        async with PluginHarness(KubernetesLogsPlugin(), host=host, settings=settings) as plugin:
            yield Scene(api, plugin, item)


@asynccontextmanager
async def open_http(scene: Scene) -> AsyncIterator[TestClient[Any, Any]]:
    """Serve the plugin's HTTP side as its process does; requests carry a token."""
    server = LogsHttpServer(scene.plugin.runtime, lambda: Contract.DOCUMENTED, "")
    test_server = TestServer(server.application())
    runner = TestClient(test_server, headers={TOKEN_HEADER: "token"})
    await runner.start_server()
    try:
        yield runner
    finally:
        await runner.close()
