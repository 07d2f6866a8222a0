"""A real cluster in the catalog: real pods, real RBAC, an API server that really goes away."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any

import pytest

from mc_host.catalog.items import read_detail
from mc_host.catalog.sources.kubernetes import KubernetesSource, SourceTimes
from mc_kube.client import KubeClient
from mc_kube.errors import Ask, ResourceExpired
from mc_kube.kubeconfig import ClusterAccess
from mc_kube.resources import CRONJOBS, DAEMONSETS, DEPLOYMENTS, JOBS, NAMESPACES, PODS, STATEFULSETS
from mc_kube.watch import WatchTimes, watch_objects
from mc_kube.watched import Changes, Listed, WatchState
from tests.fixtures.fix_cluster import Cluster, container, pod
from tests.kube.sink import Sink, running

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]
TIMES = SourceTimes(denied_retry_s=1.0, watch=WatchTimes(backoff_max_s=2.0))
SLEEP = ("sleep", "3600")
LABELS = {"app": "live"}


@pytest.fixture
async def namespace(cluster: Cluster) -> AsyncIterator[str]:
    async with cluster.namespace() as name:
        yield name


@pytest.fixture
async def admin(cluster: Cluster) -> AsyncIterator[KubeClient]:
    async with cluster.open() as client:
        yield client


def source(access: ClusterAccess, **times: Any) -> KubernetesSource:
    return KubernetesSource(access, {"PATH": os.environ["PATH"]}, times=replace(TIMES, **times))


def workload(name: str, *command: str, **spec: Any) -> dict[str, Any]:
    """Return what Deployments, StatefulSets and DaemonSets have in common."""
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container(*command)]},
    }
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": labels}, "template": template, **spec}}


def job(*command: str) -> dict[str, Any]:
    return {
        "backoffLimit": 0,
        "template": {"spec": {"restartPolicy": "Never", "containers": [container(*command)]}},
    }


def pods_of(sink: Sink, owner: str) -> list[str]:
    """Return the names of the pods whose owner chain ends in `owner`."""
    pods = [item for item in sink.items.values() if item.type == "Kubernetes::Pod"]
    return [item.name for item in pods if (read_detail(item).properties.get("ownerChain") or [""])[-1] == owner]


def kubectl(cluster: Cluster, *arguments: str) -> str:
    """Return what kubectl prints; skips where there is none."""
    command = shutil.which("kubectl")
    if command is None:
        pytest.skip("kubectl is not installed")
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "KUBECONFIG": str(cluster.kubeconfig)}
    done = subprocess.run([command, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


async def test_workloads_come_up_change_and_go(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    async with running(source(cluster.access)) as sink:
        await sink.until(lambda: sink.has("Node", "node-1", "healthy", "Ready"))
        await sink.until(lambda: sink.has("Namespace", namespace, "healthy", "Active"))
        await admin.create(DEPLOYMENTS, workload("web", *SLEEP, replicas=2), namespace)
        await sink.until(lambda: sink.has("Deployment", "web", "healthy", "Running"), 60)
        await sink.until(lambda: len(pods_of(sink, "Deployment/web")) == 2)
        detail = read_detail(sink.get("Deployment", "web"))
        assert detail.properties["ready"] == "2/2"
        await admin.patch(DEPLOYMENTS, "web", {"spec": {"replicas": 0}}, namespace)
        await sink.until(lambda: sink.has("Deployment", "web", "healthy", "Scaled to zero"), 60)
        await sink.until(lambda: not pods_of(sink, "Deployment/web"), 60)
        await admin.delete(DEPLOYMENTS, "web", namespace)
        await sink.until(lambda: not sink.has("Deployment", "web"), 60)
        assert sink.all_problems() == []


async def test_every_kind_shows_with_its_health(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    cron = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job("true")}}
    await admin.create(STATEFULSETS, workload("state", *SLEEP, serviceName="state"), namespace)
    await admin.create(DAEMONSETS, workload("daemon", *SLEEP), namespace)
    await admin.create(JOBS, {"metadata": {"name": "good"}, "spec": job("true")}, namespace)
    await admin.create(JOBS, {"metadata": {"name": "bad"}, "spec": job("sh", "-c", "exit 3")}, namespace)
    await admin.create(CRONJOBS, {"metadata": {"name": "yearly"}, "spec": cron}, namespace)
    await admin.create(DEPLOYMENTS, workload("crash", "sh", "-c", "exit 1"), namespace)
    broken = pod("no-image", *SLEEP)
    broken["spec"]["containers"][0]["image"] = "test.local/absent:1"
    await admin.create(PODS, broken, namespace)
    giant = pod("giant", *SLEEP)
    giant["spec"]["containers"][0]["resources"] = {"requests": {"memory": "100Ti"}}
    await admin.create(PODS, giant, namespace)
    async with running(source(cluster.access)) as sink:
        await sink.until(lambda: sink.has("StatefulSet", "state", "healthy", "Running"), 60)
        await sink.until(lambda: sink.has("Pod", "state-0", "healthy", "Running"))
        await sink.until(lambda: sink.has("DaemonSet", "daemon", "healthy", "Running"), 60)
        await sink.until(lambda: sink.has("Job", "good", "healthy", "Completed"), 60)
        await sink.until(lambda: sink.has("Job", "bad", "unhealthy", "Failed"), 60)
        await sink.until(lambda: sink.has("CronJob", "yearly", "healthy", "Scheduled"))
        await sink.until(lambda: sink.has("Pod", "no-image", "unhealthy"), 60)
        await sink.until(lambda: sink.has("Pod", "giant", "warning", "Unschedulable"), 60)
        crashing = pods_of(sink, "Deployment/crash")
        await sink.until(lambda: sink.has("Pod", crashing[0], "unhealthy", "CrashLoopBackOff"), 90)
        table = kubectl(cluster, "get", "pods", "-n", namespace, "--no-headers")
        shown = {line.split()[0]: line.split()[2] for line in table.splitlines()}
        ours = {item.name: item.status for item in sink.items.values() if item.namespace == namespace}
        settled = [name for name in shown if name in ours and name.startswith(("state", "good", "bad", "daemon"))]
        assert len(settled) >= 4
        assert {name: ours[name] for name in settled} == {name: shown[name] for name in settled}


READ = ["list", "watch"]


async def test_denied_kind_is_named_and_the_rest_shows(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    rules = [
        {"apiGroups": [""], "resources": ["namespaces", "pods"], "verbs": ["get", *READ]},
        {"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": READ},
        {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets", "daemonsets"], "verbs": READ},
        {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["list"]},
    ]
    access = await cluster.service_account(namespace, "viewer", rules, is_wide=True)
    await admin.create(PODS, pod("seen", *SLEEP, labels=LABELS), namespace)
    user = f"system:serviceaccount:{namespace}:viewer"
    async with running(source(access)) as sink:
        await sink.until(lambda: sink.has("Pod", "seen", "healthy"), 60)
        await sink.until(lambda: len(sink.all_problems()) == 2)
        nodes, replica_sets = sink.all_problems()
        assert f"not allowed to list nodes as {user}" in nodes
        assert f"not allowed to watch replicasets.apps in all namespaces as {user}" in replica_sets
        assert not [item for item in sink.items.values() if item.type == "Kubernetes::Node"]
        command = f"kubectl auth can-i list nodes --as={user}"
        assert command in nodes
        assert kubectl(cluster, *command.split()[1:]).split() == ["no"]


async def test_account_of_one_namespace_sees_it(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": READ}]
    access = await cluster.service_account(namespace, "tenant", rules, is_wide=False)
    await admin.create(PODS, pod("mine", *SLEEP), namespace)
    async with running(source(access)) as sink:
        await sink.until(lambda: sink.has("Pod", "mine", "healthy"), 60)
        await sink.until(lambda: any(f"only namespace {namespace} is shown" in one for one in sink.all_problems()))
        assert {item.namespace for item in sink.items.values()} == {namespace}


async def test_right_that_is_granted_later_needs_no_restart(
    cluster: Cluster, admin: KubeClient, namespace: str
) -> None:
    from tests.fixtures.fix_cluster import CLUSTER_ROLES

    access = await cluster.service_account(namespace, "late", [], is_wide=True)
    async with running(source(access)) as sink:
        await sink.until(lambda: any("list pods" in one for one in sink.all_problems()))
        rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": READ}]
        await admin.patch(CLUSTER_ROLES, f"{namespace}-late", {"rules": rules})
        await admin.create(PODS, pod("mine", *SLEEP), namespace)
        await sink.until(lambda: sink.has("Pod", "mine"), 60)
        await sink.until(lambda: not any("list pods" in one for one in sink.all_problems()), 60)


async def test_api_server_is_gone_for_a_minute(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    await admin.create(PODS, pod("before", *SLEEP), namespace)
    await admin.create(PODS, pod("goes", *SLEEP), namespace)
    async with running(source(cluster.access)) as sink, AsyncExitStack() as stack:
        await sink.until(lambda: sink.has("Pod", "before", "healthy") and sink.has("Pod", "goes", "healthy"), 60)
        before = dict(sink.items)
        await cluster.stop_api_server()
        stack.push_async_callback(_ensure_up, cluster)
        await sink.until(lambda: any("items are as of" in one for one in sink.all_problems()), 30)
        await asyncio.sleep(60)  # the minute is what is tested: back-off must not have grown beyond use
        assert sink.items == before
        await cluster.start_api_server()
        await sink.until(lambda: not sink.all_problems(), 30)
        await admin.create(PODS, pod("after", *SLEEP), namespace)
        await admin.delete(PODS, "goes", namespace)
        await sink.until(lambda: sink.has("Pod", "after") and not sink.has("Pod", "goes"), 60)
        await sink.until(lambda: sink.has("Pod", "before", "healthy"), 60)


async def _ensure_up(cluster: Cluster) -> None:
    if not cluster.has_api_server:
        await cluster.start_api_server()


async def test_version_from_before_a_restart_is_expired_and_the_watch_lists_again(
    cluster: Cluster, admin: KubeClient, namespace: str
) -> None:
    """A restarted API server remembers nothing older than its start: the real 410."""
    old = (await admin.list_page(PODS, namespace)).resource_version
    events = watch_objects(admin, PODS, namespace, times=WatchTimes(backoff_max_s=1.0))
    async with aclosing(events):
        assert isinstance(await anext(events), Listed)
        for name in ("a", "b"):
            await admin.create(PODS, pod(name, *SLEEP), namespace)
        await cluster.stop_api_server()
        await cluster.start_api_server()
        ask, query = Ask("watch", PODS), {"watch": "true", "resourceVersion": old, "timeoutSeconds": "5"}
        with pytest.raises(ResourceExpired, match="too old resource version"):
            async with admin.stream("GET", PODS.path(namespace), ask, params=query) as content:
                state = WatchState(ask)
                async for line in content:
                    state.take_line(line)
        seen: set[str] = set()
        async with asyncio.timeout(60):
            async for event in events:
                seen |= {change.name for change in event.changes} if isinstance(event, Changes) else set()
                if seen == {"a", "b"}:
                    break


async def test_frozen_api_server_is_noticed_and_resumed(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    times = WatchTimes(silence_s=2.0, backoff_first_s=0.2, backoff_max_s=1.0)
    async with running(source(cluster.access, watch=times)) as sink:
        await sink.until(lambda: sink.has("Namespace", namespace))
        with cluster.frozen_api_server():
            await sink.until(lambda: any("did not answer in time" in one for one in sink.all_problems()), 60)
        await admin.create(PODS, pod("after", *SLEEP), namespace)
        await sink.until(lambda: sink.has("Pod", "after") and not sink.all_problems(), 60)


async def test_two_contexts_side_by_side(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    """One cluster seen by two accounts that cannot tell that it is one: different rights, different items."""
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": READ}]
    tenant = await cluster.service_account(namespace, "tenant", rules, is_wide=False)
    await admin.create(PODS, pod("both", *SLEEP), namespace)
    claims: dict[str, str] = {}
    environ = {"PATH": os.environ["PATH"]}
    sources = [KubernetesSource(access, environ, times=TIMES, claims=claims) for access in (cluster.access, tenant)]
    async with running(*sources) as sink:
        await sink.until(
            lambda: (
                {item.source for item in sink.items.values() if item.name == "both"}
                == {"kubernetes:test", "kubernetes:tenant"}
            ),
            60,
        )


async def test_namespace_that_terminates_is_shown_so(cluster: Cluster, admin: KubeClient, namespace: str) -> None:
    held = pod("held", *SLEEP)
    held["metadata"]["finalizers"] = ["test.local/hold"]
    await admin.create(PODS, held, namespace)
    async with running(source(cluster.access)) as sink:
        await sink.until(lambda: sink.has("Pod", "held"))
        await admin.delete(NAMESPACES, namespace)
        try:
            await sink.until(lambda: sink.has("Namespace", namespace, "warning", "Terminating"), 60)
        finally:
            await admin.patch(PODS, "held", {"metadata": {"finalizers": None}}, namespace)
        await sink.until(lambda: not sink.has("Namespace", namespace), 60)
