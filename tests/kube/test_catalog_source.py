"""The cluster in the catalog: live, through denied rights and faults, against the scripted API server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import yaml

from mc_host.catalog.items import read_detail
from mc_host.catalog.sources.kubernetes import KubernetesSource, SourceTimes
from mc_host.catalog.sources.kubernetes_clusters import ClusterSources
from mc_host.catalog.sources.kubernetes_items import ClusterName, Owners, item_id, make_item
from mc_host.catalog.sources.plugin_crd import PLUGINS
from mc_kube.resources import DEPLOYMENTS, JOBS, NAMESPACES, NODES, PODS, REPLICASETS
from mc_kube.watch import WatchTimes
from tests.doubles.kube_api import KubeApi, open_kube_api
from tests.kube.sink import running

TIMES = SourceTimes(denied_retry_s=0.1, watch=WatchTimes(backoff_first_s=0.02, backoff_max_s=0.1))
CLUSTER = ClusterName("c-uid", "prod", "prod-admin")
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


def owned_by(kind: str, made: dict[str, Any]) -> dict[str, Any]:
    meta = made["metadata"]
    return {"ownerReferences": [{"kind": kind, "name": meta["name"], "uid": meta["uid"], "controller": True}]}


@pytest.fixture
async def cluster(api: KubeApi) -> KubeApi:
    """Return an API server with a small workload."""
    await api.put(NAMESPACES, "kube-system", status={"phase": "Active"})
    await api.put(NAMESPACES, "shop", status={"phase": "Active"})
    await api.put(NODES, "node-1", status={"conditions": [{"type": "Ready", "status": "True"}]})
    web = await api.put(DEPLOYMENTS, "web", "shop", spec={"replicas": 1})
    meta = owned_by("Deployment", web) | {"labels": {"pod-template-hash": "77"}}
    replica_set = await api.put(REPLICASETS, "web-77", "shop", metadata=meta, spec={"replicas": 1})
    meta = owned_by("ReplicaSet", replica_set) | {"labels": {"app": "web", "pod-template-hash": "77"}}
    spec = {"nodeName": "node-1", "containers": [{"name": "main", "image": "web:1"}]}
    await api.put(PODS, "web-77-x", "shop", metadata=meta, spec=spec, status=READY)
    return api


def source(api: KubeApi, **access: Any) -> KubernetesSource:
    return KubernetesSource(replace(api.access, **access), {}, times=TIMES)


async def test_cluster_shows_namespaces_nodes_workloads_and_pods(cluster: KubeApi) -> None:
    async with running(source(cluster)) as sink:
        await sink.until(lambda: len(sink.items) == 6)
    pod = sink.get("Pod", "web-77-x")
    assert (pod.namespace, pod.health, pod.status, pod.source) == ("shop", "healthy", "Running", "kubernetes:fake")
    assert pod.labels["app"] == "web"
    assert pod.tags == {"cluster": "fake", "context": "fake", "namespace": "shop"}
    detail = read_detail(pod)
    assert detail.properties["ownerChain"] == ["ReplicaSet/web-77", "Deployment/web"]
    assert detail.properties["node"] == "node-1" and detail.properties["images"] == ["web:1"]
    assert detail.config is not None and detail.config["kind"] == "Pod" and detail.config["apiVersion"] == "v1"
    for word in ("web-77-x", "shop", "node-1", "app=web", "running"):
        assert word in pod.haystack
    assert sink.all_problems() == []


async def test_changes_and_deletions_arrive(cluster: KubeApi) -> None:
    async with running(source(cluster)) as sink:
        await sink.until(lambda: sink.has("Pod", "web-77-x"))
        await cluster.put(PODS, "web-77-x", "shop", status={"phase": "Failed", "reason": "Evicted"})
        await sink.until(lambda: sink.has("Pod", "web-77-x", "unhealthy", "Evicted"))
        await cluster.remove(PODS, "web-77-x", "shop")
        await sink.until(lambda: not sink.has("Pod", "web-77-x"))


async def test_ids_are_stable_and_differ_between_clusters(cluster: KubeApi) -> None:
    async with running(source(cluster)) as first:
        await first.until(lambda: len(first.items) == 6)
    async with running(source(cluster, context="renamed")) as second:
        await second.until(lambda: len(second.items) == 6)
    assert set(first.items) == set(second.items)
    uid = cluster.stored(PODS, "web-77-x", "shop")["metadata"]["uid"]
    cluster_uid = cluster.stored(NAMESPACES, "kube-system")["metadata"]["uid"]
    assert first.get("Pod", "web-77-x").id == item_id(cluster_uid, uid) != item_id("other", uid)
    # Pinned: changing how ids are derived would orphan every stored reference.
    assert item_id("a", "b") == "d258137c-b979-5acc-8f00-b6dd572a082f"
    assert all(UUID(one).version == 5 for one in first.items)


async def test_denied_kind_is_named_with_its_verb_and_the_rest_shows(cluster: KubeApi) -> None:
    cluster.denied |= {("list", "pods"), ("list", "nodes")}
    async with running(source(cluster)) as sink:
        await sink.until(lambda: len(sink.items) == 4 and len(sink.all_problems()) == 2)
        assert sink.find("Pod", "web-77-x") is None
        nodes, pods = sink.all_problems()
        assert nodes.startswith("cluster fake: not allowed to list nodes as system:serviceaccount:test:reader")
        assert "not allowed to list pods in all namespaces" in pods
        assert "kubectl auth can-i list pods -A --as=system:serviceaccount:test:reader" in pods
        cluster.denied.clear()  # granted later: no restart needed
        await sink.until(lambda: sink.has("Pod", "web-77-x") and not sink.all_problems())


async def test_revoked_right_takes_the_items_away(cluster: KubeApi) -> None:
    async with running(source(cluster)) as sink:
        await sink.until(lambda: len(sink.items) == 6)
        cluster.denied |= {("list", "pods"), ("watch", "pods")}
        cluster.compact()
        cluster.cut()
        await sink.until(lambda: len(sink.all_problems()) == 1)
        await sink.until(lambda: sink.find("Pod", "web-77-x") is None)
        assert len(sink.items) == 5


async def test_kind_that_may_be_listed_but_not_watched_is_listed_again(cluster: KubeApi) -> None:
    cluster.denied.add(("watch", "pods"))
    async with running(source(cluster)) as sink:
        await sink.until(lambda: sink.has("Pod", "web-77-x") and sink.all_problems())
        assert "not allowed to watch pods" in sink.all_problems()[0]
        await cluster.put(PODS, "later", "shop", status=READY)
        await cluster.remove(PODS, "web-77-x", "shop")
        await sink.until(lambda: sink.has("Pod", "later") and not sink.has("Pod", "web-77-x"))


async def test_account_of_one_namespace_sees_that_namespace(cluster: KubeApi) -> None:
    await cluster.put(PODS, "elsewhere", "other", status=READY)
    cluster.allowed_namespaces = {"shop"}
    async with running(source(cluster, namespace="shop")) as sink:
        await sink.until(lambda: len(sink.items) == 3)  # deployment, replica set, pod
        await sink.until(lambda: len(sink.all_problems()) == 9)
        assert sink.has("Pod", "web-77-x") and not sink.has("Pod", "elsewhere")
        assert any("pods" in text and "only namespace shop is shown" in text for text in sink.all_problems())
        await cluster.put(PODS, "new", "shop", status=READY)
        await sink.until(lambda: sink.has("Pod", "new"))


async def test_items_stay_and_are_called_stale_while_the_server_is_gone(cluster: KubeApi) -> None:
    async with running(source(cluster)) as sink:
        await sink.until(lambda: len(sink.items) == 6)
        await cluster.until(lambda: cluster.watchers == 9)
        await cluster.stop()
        await sink.until(lambda: sink.all_problems())
        [problem] = sink.all_problems()
        assert problem.startswith("cluster fake: items are as of ") and len(sink.items) == 6
        await cluster.remove(PODS, "web-77-x", "shop")
        await cluster.put(PODS, "fresh", "shop", status=READY)
        cluster.compact()
        await cluster.start()
        await sink.until(lambda: sink.has("Pod", "fresh") and not sink.has("Pod", "web-77-x"))
        await sink.until(lambda: not sink.all_problems())


async def test_cluster_that_is_not_up_yet_is_waited_for(cluster: KubeApi) -> None:
    await cluster.stop()
    async with running(source(cluster)) as sink:
        await sink.until(lambda: sink.all_problems())
        assert "no answer yet" in sink.all_problems()[0]
        await cluster.start()
        await sink.until(lambda: len(sink.items) == 6 and not sink.all_problems())


async def test_two_contexts_of_one_cluster_are_shown_once(cluster: KubeApi) -> None:
    claims: dict[str, str] = {}
    first = KubernetesSource(cluster.access, {}, times=TIMES, claims=claims)
    second = KubernetesSource(replace(cluster.access, context="again"), {}, times=TIMES, claims=claims)
    async with running(first, second) as sink:
        await sink.until(lambda: len(sink.items) == 6 and sink.all_problems())
        [problem] = sink.all_problems()
        assert "is the same cluster as context" in problem


async def test_second_context_of_a_cluster_takes_over_when_the_first_ends(cluster: KubeApi, tmp_path: Path) -> None:
    claims = {cluster.stored(NAMESPACES, "kube-system")["metadata"]["uid"]: "other"}
    async with running(KubernetesSource(cluster.access, {}, times=TIMES, claims=claims)) as sink:
        await sink.until(lambda: sink.all_problems())
        assert sink.items == {}
        claims.clear()
        await sink.until(lambda: len(sink.items) == 6 and not sink.all_problems())


async def test_proxy_that_cannot_be_used_is_a_problem_not_a_crash(cluster: KubeApi) -> None:
    async with running(source(cluster, proxy_url="socks5://x:1")) as sink:
        await sink.until(lambda: sink.all_problems())
    assert "proxy socks5:// of cluster 'fake' is not supported" in sink.all_problems()[0]


def raw(body: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(body))


def test_item_leaves_out_who_wrote_which_field() -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "kept"}
    meta = {"name": "p", "uid": "u", "managedFields": [{"manager": "kubectl"}], "annotations": annotations}
    item = make_item(CLUSTER, PODS, raw({"metadata": meta, "spec": {}}), Owners())
    config = read_detail(item).config
    assert config is not None
    assert config["metadata"] == {"name": "p", "uid": "u", "annotations": {"note": "kept"}}


def test_owner_chain_follows_what_is_known() -> None:
    owners = Owners()
    cron = {"metadata": {"name": "nightly", "uid": "1"}}
    job = {"metadata": {"name": "nightly-5", "uid": "2", **owned_by("CronJob", cron)}}
    pod = {"metadata": {"name": "nightly-5-x", "uid": "3", **owned_by("Job", job)}}
    assert read_detail(make_item(CLUSTER, PODS, raw(pod), owners)).properties["ownerChain"] == ["Job/nightly-5"]
    from mc_kube.resources import CRONJOBS

    make_item(CLUSTER, CRONJOBS, raw(cron), owners)
    make_item(CLUSTER, JOBS, raw(job), owners)
    detail = read_detail(make_item(CLUSTER, PODS, raw(pod), owners))
    assert detail.properties["ownerChain"] == ["Job/nightly-5", "CronJob/nightly"]
    owners.forget("2")
    assert read_detail(make_item(CLUSTER, PODS, raw(pod), owners)).properties["ownerChain"] == ["Job/nightly-5"]


async def test_object_that_cannot_be_read_is_shown_as_such(cluster: KubeApi) -> None:
    await cluster.put(PODS, "odd", "shop", spec={"containers": "none"})
    async with running(source(cluster)) as sink:
        await sink.until(lambda: sink.has("Pod", "odd", "unknown", "Unreadable"))
        assert sink.has("Pod", "web-77-x", "healthy")


def kubeconfig(*apis: KubeApi) -> str:
    """Return a kubeconfig with one context per server, the first one current."""
    names = [f"c{number}" for number, _ in enumerate(apis)]
    clusters = [{"name": n, "cluster": {"server": api.access.server}} for n, api in zip(names, apis, strict=True)]
    users = [{"name": n, "user": {}} for n in names]
    contexts = [{"name": n, "context": {"cluster": n, "user": n}} for n in names]
    return yaml.safe_dump(
        {"clusters": clusters, "users": users, "contexts": contexts, "current-context": names[0] if names else ""}
    )


async def test_clusters_follow_the_kubeconfig(cluster: KubeApi, tmp_path: Path) -> None:
    file = tmp_path / "config"
    environ = {"KUBECONFIG": str(file)}
    async with open_kube_api() as other:
        await other.put(NAMESPACES, "kube-system", status={"phase": "Active"})
        async with running(ClusterSources(environ, ["*"], interval_s=0.02)) as sink:
            file.write_text(kubeconfig(cluster))  # made after the host has started
            await sink.until(lambda: len(sink.items) == 6)
            file.write_text(kubeconfig(cluster, other))
            await sink.until(lambda: len(sink.items) == 7)
            assert {item.source for item in sink.items.values()} == {"kubernetes:c0", "kubernetes:c1"}
            file.write_text(kubeconfig(other))  # context c0 is another cluster now
            await sink.until(lambda: [item.name for item in sink.items.values()] == ["kube-system"])
            file.write_text("contexts: 5")
            await sink.until(lambda: sink.all_problems())
            assert "every entry of contexts needs a name" in sink.all_problems()[0]
            assert len(sink.items) == 1  # what cannot be read ends nothing
            file.unlink()
            await sink.until(lambda: not sink.items and not sink.all_problems())


async def test_cluster_stays_when_another_context_becomes_current(cluster: KubeApi, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(kubeconfig(cluster, cluster))
    async with running(ClusterSources({"KUBECONFIG": str(file)}, interval_s=0.02)) as sink:
        await sink.until(lambda: len(sink.items) == 6)
        switched = yaml.safe_load(file.read_text()) | {"current-context": "c1"}
        file.write_text(yaml.safe_dump(switched | {"preferences": {"longer": "than before"}}))
        await cluster.put(PODS, "later", "shop", status=READY)
        await sink.until(lambda: sink.has("Pod", "later"))
        assert {item.source for item in sink.items.values()} == {"kubernetes:c0"}
        switched["contexts"] = [one for one in switched["contexts"] if one["name"] == "c1"]
        file.write_text(yaml.safe_dump(switched))
        await sink.until(lambda: {item.source for item in sink.items.values()} == {"kubernetes:c1"})
        await sink.until(lambda: len(sink.items) == 7)


async def test_plugin_resources_are_taken_from_the_named_context_alone(cluster: KubeApi, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(kubeconfig(cluster))
    await cluster.put(PLUGINS, "pg", "ops", spec={"source": "postgres"})
    plain = ClusterSources({"KUBECONFIG": str(file)})
    async with running(plain) as sink:
        await sink.until(lambda: len(sink.items) == 6)
        assert plain.list_plugin_sources() == [] and sink.plugins == {}
    named = ClusterSources({"KUBECONFIG": str(file)}, plugin_context="c0", plugin_namespace="ops")
    async with running(named) as sink:
        await sink.until(lambda: [one.name for one in sink.plugins.get("plugins:c0", [])] == ["pg"])
        assert [source.name for source in named.list_plugin_sources()] == ["plugins:c0"]
    assert f"GET {PLUGINS.path('ops')}?limit=500" in cluster.requests
