"""A1, A14, A15, A24: what the released plugin answers, and who gets an answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from mc_kube.resources import PODS
from mc_kubernetes_logs.engine.formats import render_sse_error
from mc_kubernetes_logs.plugin import KubernetesLogsPlugin
from mc_kubernetes_logs.settings import LogsSettings
from mc_sdk import Forbidden, Item, NotFound
from tests.doubles.pod_logs import LogFailure
from tests.kubernetes_logs.scene import NAMESPACE, Scene, open_http, open_scene

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = json.loads((GOLDEN / "answers.json").read_text())


async def golden_scene(scene: Scene) -> Item:
    """Serve the recorded lines from the recorded pod, and return the item that is it."""
    owner = [{"kind": "ReplicaSet", "name": "web-abc", "uid": "rs"}]
    status = {"phase": "Running", "containerStatuses": [{"name": "main", "containerID": "containerd://1"}]}
    spec = {"containers": [{"name": "main"}]}
    await scene.api.put(PODS, "web-1", "default", metadata={"ownerReferences": owner}, spec=spec, status=status)
    raw = [line.encode("latin-1") + b"\n" for line in ANSWERS["log_lines"]]
    for container in ("main", "nope"):
        await scene.api.logs.write_raw("web-1", raw, container, "default")
    item = Item(id=str(uuid4()), name="web-1", type="Kubernetes::Pod")
    scene.plugin.host.items[item.id] = item
    scene.plugin.host.connections[item.id] = scene.plugin.host.connections[scene.item.id]
    return item


def without_additions(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "level"} for row in rows]


async def read_until(answer: aiohttp.ClientResponse, text: bytes) -> bytes:
    """Return the first line that has a text."""
    async with asyncio.timeout(10):
        while text not in (line := await answer.content.readline()):
            assert line, f"ended without {text!r}"
    return line


@pytest.mark.parametrize("call", ["list-pods {}", "logs {}", 'logs {"container":"nope"}'])
async def test_a1_invoke_answers_as_recorded(scene: Scene, call: str) -> None:
    item = await golden_scene(scene)
    operation, _, params = call.partition(" ")
    answer = await scene.plugin.invoke(operation, json.loads(params), item_id=item.id)
    assert without_additions(answer) == ANSWERS["invoke"][call]


async def test_a1_http_logs_once_and_followed_as_recorded(scene: Scene) -> None:
    item = await golden_scene(scene)
    async with open_http(scene) as http:
        query = {"config_id": item.id, "namespace": "default", "pod": "web-1"}
        async with http.get("/__mc/operations/logs", params=query) as answer:
            assert answer.status == 200 and answer.content_type == "application/json"
            recorded = ANSWERS["http_raw"]["logs?config_id=<item>&namespace=default&pod=web-1"].partition("\r\n\r\n")[2]
            body = await answer.text()
            assert body.endswith("\n") and without_additions(json.loads(body)) == json.loads(recorded)
        async with http.get("/__mc/operations/logs", params={**query, "follow": "true"}) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            assert answer.headers["Cache-Control"] == "no-cache, no-transform"
            assert answer.headers["X-Accel-Buffering"] == "no" and answer.headers["Content-Encoding"] == "identity"
            assert await answer.content.readexactly(13) == b": connected\n\n"
            await read_until(answer, b'"change":"opened"')
            await scene.api.logs.write("web-1", "live", namespace="default")
            line = await read_until(answer, b'data: {"pod"')
            row = json.loads(line.removeprefix(b"data: "))
            assert row["line"] == "live" and row["labels"] == {
                "container": "main", "namespace": "default", "pod": "web-1"
            }  # fmt: skip
    follows = [one for one in scene.api.logs.requests if one.get("follow") == "true"]
    assert [one["tailLines"] for one in follows] == ["0"] and follows[0]["timestamps"] == "true"


async def test_a1_snapshot_asks_for_200_lines_of_each_container_in_order(scene: Scene) -> None:
    await scene.put_pod("web-1", "app", "side")
    for name in ("app", "side"):
        await scene.api.logs.write("web-1", "fake logs", container=name)
    rows = await scene.invoke("logs")
    assert [row["container"] for row in rows] == ["app", "side"]
    asked = scene.api.logs.requests
    assert [one["tailLines"] for one in asked] == ["200", "200"] and not any("follow" in one for one in asked)


async def test_a1_match_expressions_choose_the_pods(scene: Scene) -> None:
    from mc_kube.resources import DEPLOYMENTS

    selector = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}
    await scene.api.put(DEPLOYMENTS, "web", NAMESPACE, spec={"selector": selector}, status={})
    await scene.put_pod("api-1", labels={"app": "api"})
    await scene.put_pod("web-1")
    assert [row["pod"] for row in await scene.invoke("list-pods")] == ["api-1"]


async def test_a1_error_frame_splits_lines() -> None:
    assert render_sse_error("one\ntwo") == b"event: error\ndata: one\ndata: two\n\n"


async def test_a1_manifest_has_the_recorded_tab_and_operations() -> None:
    recorded = json.loads((GOLDEN / "manifest.json").read_text())
    manifest = KubernetesLogsPlugin().manifest(1)
    assert manifest.name == recorded["name"] and manifest.capabilities == tuple(recorded["capabilities"])
    [tab] = manifest.tabs
    assert {"name": tab.name, "icon": tab.icon, "path": tab.path, "scope": tab.scope} == recorded["tabs"][0]
    ours = {one.name: one for one in manifest.operations}
    for one in recorded["operations"]:
        assert ours[one["name"]].result_mime == one["resultMime"] and "GET" in ours[one["name"]].http_methods


async def test_a1_seed_switch_follows_by_default_and_answers_sse_only() -> None:
    async with open_scene(LogsSettings(compatibility="seed")) as scene:
        await scene.put_pod("web-1")
        await scene.api.logs.write("web-1", "backlog")
        query = {"config_id": scene.item.id, "namespace": NAMESPACE, "pod": "web-1"}
        async with open_http(scene) as http:
            async with http.get("/__mc/operations/logs", params={**query, "follow": "false"}) as answer:
                assert answer.content_type == "text/event-stream" and b'"line":"backlog"' in await answer.read()
            async with http.get("/__mc/operations/logs", params=query) as answer:
                await read_until(answer, b'"line":"backlog"')


async def test_a14_tolerant_snapshot_has_the_rows_of_the_others_and_two_notices(scene: Scene) -> None:
    for at in range(10):
        await scene.put_pod(f"web-{at}")
        await scene.api.logs.write(f"web-{at}", f"hello {at}")
    scene.api.logs.of("web-3").waiting = "ContainerCreating"
    scene.api.logs.of("web-7").failure = LogFailure(403, "Forbidden", 'pods "web-7" is forbidden: not yours')
    async with open_http(scene) as http:
        async with http.get("/__mc/operations/logs", params={"config_id": scene.item.id}) as answer:
            assert answer.status == 200
            assert len(await answer.json()) == 8
            notices = json.loads(answer.headers["X-Log-Notices"])
    assert [(one["pod"], one["code"]) for one in notices] == [("web-3", "waiting"), ("web-7", "forbidden")]
    assert len(await scene.invoke("logs")) == 8


async def test_a15_scope_foreign_pod_is_refused_without_a_log_request(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.put_pod("secret-1", labels={"app": "secret"})
    for params in ({"pod": "secret-1"}, {"pod": "web-1,secret-1"}, {"namespace": "kube-system"}):
        with pytest.raises(Forbidden):
            await scene.invoke("logs", **params)
    async with open_http(scene) as http:
        query = {"config_id": scene.item.id, "namespace": NAMESPACE, "pod": "secret-1"}
        for more in ({}, {"follow": "true"}, {"format": "ndjson"}):
            async with http.get("/__mc/operations/logs", params={**query, **more}) as answer:
                assert answer.status == 403 and (await answer.json())["code"] == "forbidden"
        async with http.get("/__mc/operations/log-download", params=query) as answer:
            assert answer.status == 403
    for operation in ("container-death", "log-context"):
        with pytest.raises(Forbidden):
            await scene.invoke(operation, pod="secret-1", container="main", stamp="2026-11-22T10:00:00Z")
    assert scene.api.logs.requests == []


async def test_a15_scope_body_config_id_does_not_replace_the_authorised_item(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "mine")
    other = Item(id=str(uuid4()), name="other", type="Kubernetes::Deployment", tags={"namespace": NAMESPACE})
    scene.plugin.host.items[other.id] = other
    rows = await scene.plugin.invoke("logs", {"config_id": other.id}, item_id=scene.item.id)
    assert [row["line"] for row in rows] == ["mine"]


async def test_a15_scope_no_token_is_401_and_a_denied_connection_never_falls_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_scene(LogsSettings(use_in_cluster=True)) as scene:
        async with open_http(scene) as http:
            del http._session.headers["X-Flanksource-Plugin-Invocation"]
            async with http.get("/__mc/operations/logs", params={"config_id": scene.item.id}) as answer:
                assert answer.status == 401
        assert scene.api.requests == []
        scene.plugin.host.connections.clear()
        with pytest.raises(NotFound, match="no host kubernetes connection and no in-cluster config"):
            await scene.invoke("logs")

        async def denied(keys: list[str]) -> Any:
            raise Forbidden("plugin does not have access to kubernetes connection")

        monkeypatch.setattr(scene.plugin.host, "get_connection", denied)
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        with pytest.raises(Forbidden):
            await scene.invoke("logs")
        assert scene.api.requests == []


async def test_an_answer_that_is_full_says_so() -> None:
    async with open_scene(LogsSettings(snapshot_bytes=100_000)) as scene, open_http(scene) as http:
        for pod in ("web-1", "web-2"):
            await scene.put_pod(pod)
            await scene.api.logs.write(pod, *(f"line {n}" for n in range(5000)))
        for tail, codes in ((100, set()), (5000, {"cut"})):
            query = {"config_id": scene.item.id, "tailLines": str(tail)}
            async with http.get("/__mc/operations/logs", params=query) as answer:
                assert (len(await answer.json()) < tail * 2) == bool(codes)
                notices = json.loads(answer.headers.get("X-Log-Notices", "[]"))
                assert {one["code"] for one in notices} == codes


@pytest.mark.parametrize("params", [{"tailLines": "1", "previous": "false"}, {"tailLines": 1}])
async def test_a24_cli_params_may_be_text(scene: Scene, params: dict[str, Any]) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "one", "two")
    assert [row["line"] for row in await scene.invoke("logs", **params)] == ["two"]
    assert [row["message"] for row in await scene.invoke("tail", **params)] == ["two"]


async def test_a24_cli_params_previous_reads_the_instance_before(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "before")
    await scene.restart("web-1")
    await scene.api.logs.write("web-1", "after")
    assert [row["line"] for row in await scene.invoke("logs", previous="true")] == ["before"]
