"""The same calls against the scripted API server and against a real one: what the double says, the original says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
import pytest

from mc_kube.access import is_allowed
from mc_kube.client import KubeClient
from mc_kube.errors import Ask
from mc_kube.resources import NAMESPACES, NODES, PODS, ResourceType
from mc_kube.watch import watch_objects
from mc_kube.watched import Change, ChangeKind, Changes, Listed
from mc_wire.errors import Conflict, NotFound
from mc_wire.model import JSON
from tests.doubles.kube_api import open_kube_api
from tests.fixtures.fix_cluster import Cluster, pod

CONFIG_MAPS = ResourceType("", "v1", "configmaps", "ConfigMap")
ABSENT = ResourceType("absent.test", "v1", "things", "Thing")


@dataclass
class Server:
    """An API server and a namespace of its own in it."""

    client: KubeClient
    namespace: str

    async def create(self, name: str, **labels: str) -> JSON:
        """Create a config map."""
        body = {"metadata": {"name": name, "labels": labels}, "data": {"key": "one"}}
        return msgspec.json.decode(await self.client.create(CONFIG_MAPS, body, self.namespace))


@pytest.fixture(params=["double", pytest.param("cluster", marks=pytest.mark.live)])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    if request.param == "double":
        async with open_kube_api() as api, KubeClient(api.access, {}) as client:
            await api.put(NAMESPACES, "test")
            yield Server(client, "test")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    async with cluster.namespace() as namespace, cluster.open() as client:
        yield Server(client, namespace)


def names(objects: list[msgspec.Raw]) -> list[str]:
    return [msgspec.json.decode(one)["metadata"]["name"] for one in objects]


async def test_created_object_has_uid_version_and_time(server: Server) -> None:
    meta = (await server.create("a"))["metadata"]
    assert meta["uid"] and int(meta["resourceVersion"]) > 0 and meta["creationTimestamp"].endswith("Z")
    again = msgspec.json.decode(await server.client.get(CONFIG_MAPS, "a", server.namespace))
    assert again["metadata"]["uid"] == meta["uid"]


async def test_list_comes_in_pages_of_one_version(server: Server) -> None:
    for name in ("a", "b", "c"):
        await server.create(name, group="mine")
    only = {"labelSelector": "group=mine"}
    pages = [page async for page in server.client.list_pages(CONFIG_MAPS, server.namespace, params=only, page_size=2)]
    assert [names(page.objects) for page in pages] == [["a", "b"], ["c"]]
    assert len({page.resource_version for page in pages}) == 1
    assert names(await server.client.list_all(CONFIG_MAPS, server.namespace, params=only)) == ["a", "b", "c"]


async def test_absent_object_and_absent_type_are_not_found(server: Server) -> None:
    with pytest.raises(NotFound, match='configmaps "nobody" not found'):
        await server.client.get(CONFIG_MAPS, "nobody", server.namespace)
    with pytest.raises(NotFound, match=r'no resource type "things.absent.test" \(v1\)'):
        await server.client.list_page(ABSENT)


async def test_second_create_of_a_name_conflicts(server: Server) -> None:
    await server.create("a")
    with pytest.raises(Conflict, match='"a" already exists'):
        await server.create("a")


async def test_merge_patch_changes_and_removes(server: Server) -> None:
    await server.create("a")
    patch = {"data": {"key": None, "other": "two"}}
    changed = msgspec.json.decode(await server.client.patch(CONFIG_MAPS, "a", patch, server.namespace))
    assert changed["data"] == {"other": "two"}


async def test_status_subresource_changes_the_status_alone(server: Server) -> None:
    await server.client.create(PODS, pod("p", "sleep", "1"), server.namespace)
    patch = {"status": {"message": "hello"}, "spec": {"activeDeadlineSeconds": 77}}
    await server.client.patch(PODS, "p", patch, server.namespace, subresource="status")
    found = msgspec.json.decode(await server.client.get(PODS, "p", server.namespace))
    assert found["status"]["message"] == "hello" and "activeDeadlineSeconds" not in found["spec"]


async def test_watch_tells_changes_in_order_and_of_its_namespace_only(server: Server) -> None:
    await server.create("first", group="mine")
    seen: list[Change] = []
    only = {"labelSelector": "group=mine"}
    async with (
        asyncio.timeout(20),
        aclosing(watch_objects(server.client, CONFIG_MAPS, server.namespace, params=only)) as events,
    ):
        async for event in events:
            if isinstance(event, Listed):
                assert event.is_first and event.count == 1
                await server.create("second", group="mine")
                await server.client.patch(CONFIG_MAPS, "second", {"data": {"key": "two"}}, server.namespace)
                await server.client.delete(CONFIG_MAPS, "second", server.namespace)
            elif isinstance(event, Changes):
                seen += event.changes
            if seen and seen[-1].kind is ChangeKind.DELETED:
                break
    told = [(change.kind, change.name) for change in seen]
    assert told == [("ADDED", "first"), ("ADDED", "second"), ("MODIFIED", "second"), ("DELETED", "second")]
    assert {change.namespace for change in seen} == {server.namespace}


async def test_access_review_answers(server: Server) -> None:
    assert await is_allowed(server.client, Ask("list", NODES))
