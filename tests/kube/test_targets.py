"""A27: from item to pods, one case per row of the table of rules."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from mc_kube.client import KubeClient
from mc_kube.pod_watch import PodGone, PodSeen, PodsListed, watch_pods
from mc_kube.pods import Pod, workload_of
from mc_kube.resources import CRONJOBS, DEPLOYMENTS, JOBS, PODS, STATEFULSETS
from mc_kube.targets import find_pod_query, list_pods, parse_kind, parse_target
from mc_wire.errors import Forbidden, InvalidParams, NotFound
from tests.doubles.kube_api import KubeApi


async def put_pod(api: KubeApi, name: str, namespace: str = "shop", owners: Any = None, **labels: str) -> None:
    meta = {"labels": labels, "ownerReferences": owners or []}
    await api.put(PODS, name, namespace, metadata=meta, spec={"containers": [{"name": "main"}]}, status={})


async def names_of(client: KubeClient, kind: str, name: str, namespace: str = "shop", **flags: Any) -> list[str]:
    query = await find_pod_query(client, parse_target(kind, name, namespace), **flags)
    return [pod.name for pod in await list_pods(client, query)]


@pytest.mark.parametrize(
    ("spelled", "kind"),
    [("Kubernetes::Pod", "pod"), ("kubernetes::PODS", "pod"), (" po ", "pod"), ("deploy", "deployment"),
     ("sts", "statefulset"), ("ds", "daemonset"), ("rs", "replicaset"), ("jobs", "job"), ("cj", "cronjob"),
     ("ns", "namespace"), ("Service", "service")],
)  # fmt: skip
def test_a27_kind_spellings(spelled: str, kind: str) -> None:
    assert parse_kind(spelled)[0] == kind


def test_a27_tags_win_over_the_item_and_the_default_comes_last() -> None:
    target = parse_target("Deployment", "item", "", {"name": "tagged", "namespace": "there"})
    assert (target.name, target.namespace) == ("tagged", "there")
    assert parse_target("Deployment", "item").namespace == "default"
    assert parse_target("Namespace", "shop", "other").namespace == "shop"
    with pytest.raises(InvalidParams, match="no Kubernetes name tag"):
        parse_target("Pod", "")


async def test_a27_workload_by_full_selector_in_order(api: KubeApi, client: KubeClient) -> None:
    expressions = [{"key": "tier", "operator": "NotIn", "values": ["db"]}, {"key": "old", "operator": "DoesNotExist"}]
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": expressions}
    await api.put(DEPLOYMENTS, "web", "shop", spec={"selector": selector})
    await put_pod(api, "b", app="web")
    await put_pod(api, "a", app="web", tier="front")
    await put_pod(api, "c", app="web", tier="db")
    await put_pod(api, "d", app="web", old="yes")
    await put_pod(api, "e", "elsewhere", app="web")
    assert await names_of(client, "Kubernetes::Deployment", "web") == ["a", "b"]
    query = await find_pod_query(client, parse_target("Deployment", "web", "shop"))
    assert query.label_selector == "app=web,tier notin (db),!old" and query.match_labels == {"app": "web"}


@pytest.mark.parametrize(
    ("selector", "text"), [(None, "has no selector"), ({}, "empty selector"),
                           ({"matchExpressions": [{"key": "a", "operator": "Near"}]}, "invalid selector")],
)  # fmt: skip
async def test_a27_unusable_selector_is_an_error(api: KubeApi, client: KubeClient, selector: Any, text: str) -> None:
    await api.put(STATEFULSETS, "db", "shop", spec={"selector": selector} if selector is not None else {})
    with pytest.raises(InvalidParams, match=text):
        await names_of(client, "StatefulSet", "db")


async def test_a27_namespace_pod_and_other_kinds(api: KubeApi, client: KubeClient) -> None:
    await put_pod(api, "one", app="api")
    await put_pod(api, "two", app="web")
    assert await names_of(client, "Namespace", "shop") == ["one", "two"]
    assert await names_of(client, "Pod", "one") == ["one"]
    assert await names_of(client, "Service", "api") == ["one"]
    with pytest.raises(InvalidParams, match="unsupported kind"):
        await names_of(client, "Service", "api", others_ok=False)
    with pytest.raises(InvalidParams, match="unsupported kind"):
        await names_of(client, "Service", "not a label!")
    with pytest.raises(InvalidParams):
        await names_of(client, "Namespace", "shop", namespace_ok=False, others_ok=False)
    with pytest.raises(NotFound):
        await names_of(client, "Pod", "none")
    query = await find_pod_query(client, parse_target("Pod", "none", "shop"))
    assert await list_pods(client, query, missing_ok=True) == []


async def test_a27_cronjob_has_the_pods_of_all_its_jobs(api: KubeApi, client: KubeClient) -> None:
    await api.put(CRONJOBS, "nightly", "shop", spec={})
    for job, owner in (("nightly-1", "nightly"), ("nightly-2", "nightly"), ("other-1", "other")):
        owners = [{"kind": "CronJob", "name": owner, "uid": owner}]
        made = await api.put(JOBS, job, "shop", metadata={"ownerReferences": owners}, spec={})
        mine = [{"kind": "Job", "name": job, "uid": made["metadata"]["uid"], "controller": True}]
        await put_pod(api, f"{job}-x", owners=mine, **{"job-name": job})
    assert await names_of(client, "CronJob", "nightly") == ["nightly-1-x", "nightly-2-x"]


async def test_a27_watch_tells_pods_that_join_change_and_leave(api: KubeApi, client: KubeClient) -> None:
    await api.put(DEPLOYMENTS, "web", "shop", spec={"selector": {"matchLabels": {"app": "web"}}})
    await put_pod(api, "a", app="web")
    query = await find_pod_query(client, parse_target("Deployment", "web", "shop"))
    told: list[tuple[str, str]] = []
    async with asyncio.timeout(10), aclosing(watch_pods(client, query)) as events:
        async for event in events:
            match event:
                case PodsListed(count):
                    told.append(("listed", str(count)))
                    await put_pod(api, "b", app="web")
                    await put_pod(api, "x", app="other")
                    await api.remove(PODS, "a", "shop")
                case PodSeen(pod):
                    told.append(("seen", pod.name))
                case PodGone(name=name):
                    told.append(("gone", name))
                    break
    assert told == [("seen", "a"), ("listed", "1"), ("seen", "b"), ("gone", "a")]


async def test_a27_watch_of_a_cronjob_takes_pods_when_their_job_is_known(api: KubeApi, client: KubeClient) -> None:
    await api.put(CRONJOBS, "nightly", "shop", spec={})
    query = await find_pod_query(client, parse_target("CronJob", "nightly", "shop"))
    async with asyncio.timeout(10), aclosing(watch_pods(client, query)) as events:
        async for event in events:
            if isinstance(event, PodsListed):
                owner = [{"kind": "Job", "name": "nightly-1", "uid": "job-1", "controller": True}]
                await put_pod(api, "early", owners=owner, **{"job-name": "nightly-1"})
                of = [{"kind": "CronJob", "name": "nightly", "uid": "c"}]
                await api.put(JOBS, "nightly-1", "shop", metadata={"uid": "job-1", "ownerReferences": of}, spec={})
            if isinstance(event, PodSeen):
                assert event.pod.name == "early"
                break


async def test_a27_missing_right_is_named(api: KubeApi, client: KubeClient) -> None:
    api.denied.add(("list", "pods"))
    with pytest.raises(Forbidden) as caught:
        await names_of(client, "Namespace", "shop")
    assert "'list' on 'pods'" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("kind", "name", "controller", "workload"),
    [("ReplicaSet", "web-5f7", True, ("deployment", "web")), ("ReplicaSet", "bare", True, ("replicaset", "bare")),
     ("StatefulSet", "db", True, ("statefulset", "db")), ("Node", "n", True, None), ("Job", "j", False, None)],
)  # fmt: skip
def test_a27_workload_of_a_pod(kind: str, name: str, controller: bool, workload: Any) -> None:
    from mc_kube.pods import Metadata, OwnerReference

    owner = OwnerReference(kind=kind, name=name, controller=controller)
    assert workload_of(Pod(metadata=Metadata(owner_references=[owner]))) == workload
