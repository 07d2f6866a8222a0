"""kubernetes-logs on a real cluster: real pods, restarts, rollouts, rotation, an API server that goes and comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from mc_kube.kubeconfig import ClusterAccess
from mc_kube.kubeconfig_text import render_kubeconfig
from mc_kube.resources import DEPLOYMENTS, PODS
from mc_kubernetes_logs.plugin import KubernetesLogsPlugin
from mc_kubernetes_logs.settings import LogsSettings
from mc_sdk import Connection, Forbidden, Item
from mc_sdk.testing import FakeHost, PluginHarness
from tests.fixtures.fix_cluster import ROLE_BINDINGS, Cluster, container, pod
from tests.kubernetes_logs.follow import Follow, open_follow

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
LEAST = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": ["get", "list"]},
]
COUNTING = "i=0; while true; do echo line $i; i=$((i+1)); sleep 0.05; done"
AWAY_S = 60


class Logs:
    """The plugin on one item of the cluster."""

    def __init__(self, plugin: PluginHarness, item: Item, namespace: str) -> None:
        self.plugin = plugin
        self.item = item
        self.namespace = namespace

    async def invoke(self, operation: str, **params: Any) -> Any:
        """Return an operation's result."""
        return await self.plugin.invoke(operation, params, item_id=self.item.id)

    @asynccontextmanager
    async def following(self, **params: Any) -> AsyncIterator[Follow]:
        """Open a stream as the page does."""
        async with open_follow(self.plugin, self.item, params) as follow:
            yield follow


@asynccontextmanager
async def open_logs(
    access: ClusterAccess, namespace: str, kind: str, name: str, settings: LogsSettings | None = None
) -> AsyncIterator[Logs]:
    item = Item(id=str(uuid4()), name=name, type=f"Kubernetes::{kind}", tags={"namespace": namespace})
    text = render_kubeconfig(access)
    connection = Connection(type="kubernetes", properties={"kubeconfig": text}, certificate=text)
    host = FakeHost(items={item.id: item}, connections={item.id: connection})
    async with PluginHarness(KubernetesLogsPlugin(), host=host, settings=settings) as plugin:
        yield Logs(plugin, item, namespace)


def deployment(name: str, script: str, replicas: int = 2) -> dict[str, Any]:
    labels = {"app": name}
    template: dict[str, Any] = pod("ignored", "sh", "-c", script, labels={**labels, "version": "1"})
    template["metadata"].pop("name")
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def has_rows(count: int, follow: Follow) -> bool:
    return len(follow.rows) >= count


def numbers(texts: list[str]) -> list[int]:
    return [int(text.split()[-1]) for text in texts if text.startswith("line ")]


async def test_a10_deployment_is_followed_through_a_rollout(cluster: Cluster) -> None:
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(DEPLOYMENTS, deployment("web", COUNTING), namespace)
        async with open_logs(cluster.access, namespace, "Deployment", "web") as logs, logs.following(backlog=-1) as f:
            await f.read(lambda f: len(f.pods) == 2 and len(f.rows) > 50, 90)
            first = set(f.pods)
            patch = {"spec": {"template": {"metadata": {"labels": {"version": "2"}}}}}
            await client.patch(DEPLOYMENTS, "web", patch, namespace)
            await f.read(lambda f: len(f.pods) == 4 and len(f.told("source", change="removed")) == 2, 90)
            await f.read(lambda f: all(len(f.of(name)) > 20 for name in set(f.pods) - first), 60)
            for name in f.pods:
                counted = numbers(f.of(name))
                assert counted == list(range(len(counted))), name
            rollout = await logs.invoke("rollout")
            assert rollout["revisions"][0]["isNew"] and rollout["revisions"][0]["revision"] == 2


async def test_a10_crash_loop_is_told_instance_by_instance(cluster: Cluster) -> None:
    script = "echo born; echo line 1; sleep 1; echo dying; exit 3"
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, pod("crash", "sh", "-c", script), namespace)
        async with open_logs(cluster.access, namespace, "Pod", "crash") as logs, logs.following(backlog=-1) as f:
            await f.read(lambda f: f.texts.count("dying") >= 3, 120)
            assert f.texts[:9] == ["born", "line 1", "dying"] * 3
            assert f.told("source", change="restarted")[0]["exitCode"] == 3
            assert not f.told("gap"), f.told("gap")
            card = await logs.invoke("container-death", pod="crash", container="main")
            assert card["exitCode"] == 3 and card["lastLines"][-1][3] == "dying" and card["explanation"]
            found = await logs.invoke("containers")
            assert found[0]["containers"][0]["restarts"] >= 2


async def test_a10_history_reaches_back_into_the_instance_before(cluster: Cluster) -> None:
    script = "echo born; [ -e /data/again ] && sleep 600; touch /data/again; echo dying; exit 3"
    made = pod("once", "sh", "-c", script)
    made["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}]
    made["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, made, namespace)
        async with open_logs(cluster.access, namespace, "Pod", "once") as logs:
            async with logs.following(backlog=-1) as f:
                await f.read(lambda f: f.texts.count("born") == 2, 60)
            for backlog, expected in ((-1, ["born", "dying", "born"]), (2, ["dying", "born"]), (1, ["born"])):
                async with logs.following(backlog=backlog) as f:
                    await f.read(partial(has_rows, len(expected)))
                    assert f.texts == expected
                    assert len(f.told("source", change="restarted")) == (len(expected) > 1) and not f.told("gap")
            found = await logs.invoke("log-download", timestamps=False)
            assert found["content"].split() == ["born", "dying", "born"]


async def test_a10_api_server_is_away_for_a_minute_under_a_follow(cluster: Cluster) -> None:
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, pod("count", "sh", "-c", COUNTING), namespace)
        async with open_logs(cluster.access, namespace, "Pod", "count") as logs, logs.following(backlog=-1) as f:
            await f.read(lambda f: len(f.rows) > 40, 60)
            await cluster.stop_api_server()
            try:
                await f.read(lambda f: f.told("state", state="reconnecting"), 30)
                before, back = len(f.rows), time.monotonic() + AWAY_S
                await f.read(lambda _: time.monotonic() >= back, AWAY_S + 60)
            finally:
                await cluster.start_api_server()
            # What was written meanwhile, and what comes now.
            await f.read(lambda f: len(f.rows) > before + 10 * AWAY_S and f.told("state")[-1]["state"] == "live", 90)
            counted = numbers(f.texts)
            assert counted == list(range(len(counted)))
            assert not f.told("gap"), f.told("gap")


async def test_a10_rotation_loses_nothing_in_silence(cluster: Cluster) -> None:
    # Some 5 MB a second: the kubelet, which looks every ten seconds, rotates several times meanwhile.
    one = 'for (i = 0; i < 20000; i++) printf "line %d %0100d\\n", n * 20000 + i, i'
    burst = f"n=0; while [ $n -lt 80 ]; do awk -v n=$n 'BEGIN {{ {one} }}'; n=$((n+1)); sleep 0.4; done; "
    burst += "echo done; sleep 600"
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, pod("burst", "sh", "-c", burst), namespace)
        async with open_logs(cluster.access, namespace, "Pod", "burst") as logs, logs.following(backlog=-1) as f:
            # The end alone is looked at: a million and a half rows after each block would be the slow reader here.
            await f.read(lambda f: f.rows and f.rows[-1][3] == "done", 150)
            seen = [int(text.split()[1]) for text in f.texts if text.startswith("line ")]
            assert seen == sorted(set(seen)), "told twice or out of order"
            missing = set(range(seen[-1] + 1)) - set(seen)
            assert not missing or f.told("gap"), f"{len(missing)} lines lost in silence"


async def test_a26_least_privilege_reads_and_a_missing_right_is_named(cluster: Cluster) -> None:
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(DEPLOYMENTS, deployment("web", COUNTING, 1), namespace)
        access = await cluster.service_account(namespace, "reader", list(LEAST), is_wide=False)
        async with open_logs(access, namespace, "Deployment", "web") as logs, logs.following(backlog=-1) as f:
            await f.read(lambda f: len(f.rows) > 10, 90)
        blind = await cluster.service_account(namespace, "blind", list(LEAST[:1]), is_wide=False)
        name = (await client.list_all(PODS, namespace))[0]
        pod_name = msgspec.json.decode(name)["metadata"]["name"]
        async with open_logs(blind, namespace, "Pod", pod_name) as logs:
            with pytest.raises(Forbidden) as caught:
                await logs.invoke("logs")
            assert "pods/log" in str(caught.value.hint)


async def test_revoked_right_ends_the_follow_with_a_reason_within_30_s(cluster: Cluster) -> None:
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, pod("count", "sh", "-c", COUNTING), namespace)
        access = await cluster.service_account(namespace, "reader", list(LEAST), is_wide=False)
        settings = LogsSettings(rights_check_s=2.0)
        async with open_logs(access, namespace, "Pod", "count", settings) as logs, logs.following(backlog=-1) as f:
            await f.read(lambda f: len(f.rows) > 10, 60)
            await client.delete(ROLE_BINDINGS, "reader", namespace)
            async with asyncio.timeout(30):
                await f.read(lambda f: f.told("end"), 30)
            assert f.told("end")[0]["reason"] == "forbidden" and "pods/log" in f.told("end")[0]["text"]


async def test_init_containers_and_namespace_items(cluster: Cluster) -> None:
    made = pod("two", "sh", "-c", "echo main here; sleep 600")
    made["spec"]["initContainers"] = [{**container("sh", "-c", "echo init here"), "name": "setup"}]
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, made, namespace)
        async with open_logs(cluster.access, namespace, "Namespace", namespace) as logs:
            async with logs.following(backlog=-1, init=True, events=True) as f:
                await f.read(lambda f: {"init here", "main here"} <= set(f.texts), 60)
                await f.read(lambda f: any(one["reason"] == "Started" for one in f.told("event")), 30)
            rows = await logs.invoke("logs")
            assert [row["line"] for row in rows] == ["main here"]
