"""Plugin resources watched as declarations, and their status written back; the live tests do it on a real cluster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from mc_host.catalog.sources.plugin_crd import PLUGINS, PluginCrdSource
from mc_host.catalog.sources.plugin_status import Accepted, PluginStatusBody, Ready, make_status
from mc_kube.watch import WatchTimes
from mc_wire.errors import Forbidden
from tests.doubles.kube_api import KubeApi
from tests.kube.sink import Sink, running

TIMES = WatchTimes(backoff_first_s=0.02, backoff_max_s=0.1)
NAME = "plugins:fake"
NOON, LATER = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=UTC)
RUNNING = Ready(True, "Running", "pid 7", installed_path="/plugins/pg", version="1.2.0")


async def put(api: KubeApi, name: str, generation: int = 1, **spec: Any) -> str:
    """Create or change a Plugin resource; return its uid."""
    known = api.find(PLUGINS, name, "ops")
    kept = {"status": known["status"]} if known and "status" in known else {}
    made = await api.put(PLUGINS, name, "ops", metadata={"generation": generation}, spec=spec, **kept)
    uid: str = made["metadata"]["uid"]
    return uid


@pytest.fixture
def source(api: KubeApi) -> PluginCrdSource:
    return PluginCrdSource(api.access, {}, retry_s=0.05, times=TIMES)


def names(sink: Sink) -> list[str]:
    return [plugin.name for plugin in sink.plugins.get(NAME, [])]


async def test_plugin_resources_are_declared_changed_and_removed(api: KubeApi, source: PluginCrdSource) -> None:
    either = {"kubernetes": {}, "types": {"postgres": "connection://a/b"}}
    uid = await put(api, "pg", source="postgres", connections=either, properties={"x": "1"})
    async with running(source) as sink:
        await sink.until(lambda: names(sink) == ["pg"])
        [plugin] = sink.plugins[NAME]
        assert (plugin.id, plugin.namespace, plugin.origin) == (uid, "ops", "cluster fake/ops/pg")
        assert plugin.spec.source == "postgres" and plugin.spec.connections == either
        await put(api, "pg", 2, source="postgres", version="2")
        await sink.until(lambda: sink.plugins[NAME][0].spec.version == "2")
        await put(api, "arthas", address="10.0.0.1:7000")
        await sink.until(lambda: names(sink) == ["arthas", "pg"])
        await api.remove(PLUGINS, "pg", "ops")
        await sink.until(lambda: names(sink) == ["arthas"])


async def test_resource_that_cannot_be_read_is_a_problem_and_the_others_run(
    api: KubeApi, source: PluginCrdSource
) -> None:
    await put(api, "bad", selector="nonsense", source="x")
    await put(api, "good", source="x")
    async with running(source) as sink:
        await sink.until(lambda: names(sink) == ["good"])
        [problem] = sink.all_problems()
        assert problem.startswith("plugin ops/bad of cluster fake: spec: Expected `object`, got `str`")
        await put(api, "bad", 2, source="x")
        await sink.until(lambda: names(sink) == ["bad", "good"] and not sink.all_problems())


async def test_status_is_written_once_and_does_not_come_back_as_a_change(api: KubeApi, source: PluginCrdSource) -> None:
    uid = await put(api, "pg", 3, source="postgres")
    async with running(source) as sink:
        await sink.until(lambda: names(sink) == ["pg"])
        told = sink.plugins[NAME]
        assert await source.write_status(uid, RUNNING, now=NOON)
        assert not await source.write_status(uid, RUNNING, now=LATER)
        status = api.stored(PLUGINS, "pg", "ops")["status"]
        assert status["observedGeneration"] == 3
        assert (status["installedPath"], status["pluginVersion"]) == ("/plugins/pg", "1.2.0")
        ready = {one["type"]: one for one in status["conditions"]}["Ready"]
        assert ready == {
            "type": "Ready",
            "status": "True",
            "reason": "Running",
            "message": "pid 7",
            "observedGeneration": 3,
            "lastTransitionTime": "2026-01-01T12:00:00Z",
        }
        await put(api, "other", source="x")  # an event behind the status's own
        await sink.until(lambda: names(sink) == ["other", "pg"])
        assert sink.plugins[NAME][1] == told[0]
        assert not await source.write_status("00000000-0000-4000-8000-000000000000", RUNNING)


async def test_status_of_a_new_host_keeps_what_the_resource_says(api: KubeApi, source: PluginCrdSource) -> None:
    uid = await put(api, "pg", source="postgres")
    async with running(source) as sink:
        await sink.until(lambda: names(sink) == ["pg"])
        await source.write_status(uid, RUNNING, now=NOON)
    again = PluginCrdSource(api.access, {}, retry_s=0.05, times=TIMES)
    async with running(again) as sink:
        await sink.until(lambda: names(sink) == ["pg"])
        assert not await again.write_status(uid, RUNNING, now=LATER)
        assert [one.status for one in again.list_conditions(uid)] == ["True", "True"]


async def test_status_that_may_not_be_written_names_the_verb(api: KubeApi, source: PluginCrdSource) -> None:
    uid = await put(api, "pg", source="postgres")
    api.denied.add(("patch", "plugins"))
    async with running(source) as sink:
        await sink.until(lambda: names(sink) == ["pg"])
        with pytest.raises(Forbidden, match='not allowed to patch plugins/status "pg" in namespace "ops"'):
            await source.write_status(uid, RUNNING)


async def test_cluster_without_the_crd_declares_nothing_until_it_is_installed(
    api: KubeApi, source: PluginCrdSource
) -> None:
    api.groups.discard(PLUGINS.group)
    async with running(source) as sink:
        await sink.until(lambda: NAME in sink.plugins)
        assert sink.plugins[NAME] == [] and sink.all_problems() == []
        api.groups.add(PLUGINS.group)
        await put(api, "pg", source="postgres")
        await sink.until(lambda: names(sink) == ["pg"])


async def test_denied_plugins_are_named_and_what_runs_is_kept(api: KubeApi, source: PluginCrdSource) -> None:
    await put(api, "pg", source="postgres")
    async with running(source) as sink:
        await sink.until(lambda: names(sink) == ["pg"])
        api.denied |= {("list", "plugins"), ("watch", "plugins")}
        api.cut()
        await sink.until(lambda: sink.all_problems())
        assert "not allowed to watch plugins.mission-control.flanksource.com" in sink.all_problems()[0]
        assert names(sink) == ["pg"]


async def test_one_namespace_may_be_watched_alone(api: KubeApi) -> None:
    api.allowed_namespaces = {"ops"}
    await put(api, "pg", source="postgres")
    await api.put(PLUGINS, "elsewhere", "other", spec={"source": "x"})
    async with running(PluginCrdSource(api.access, {}, namespace="ops", times=TIMES)) as sink:
        await sink.until(lambda: names(sink) == ["pg"])


def conditions(status: PluginStatusBody) -> dict[str, tuple[str, str, str]]:
    return {one.type: (one.status, one.reason, one.last_transition_time[11:13]) for one in status.conditions}


def test_transition_time_moves_with_the_status_alone() -> None:
    first = make_status(PluginStatusBody(), 1, Ready(None, "Starting"), Accepted(), NOON)
    assert conditions(first) == {"Accepted": ("True", "Valid", "12"), "Ready": ("Unknown", "Starting", "12")}
    up = make_status(first, 1, RUNNING, Accepted(), LATER)
    assert conditions(up) == {"Accepted": ("True", "Valid", "12"), "Ready": ("True", "Running", "13")}
    down = make_status(up, 2, Ready(False, "Failed", "x" * 5000), Accepted(), NOON)
    assert conditions(down)["Ready"] == ("False", "Failed", "12")
    assert down.plugin_version == "1.2.0" and len(down.conditions[1].message) == 1024
    refused = make_status(down, 3, RUNNING, Accepted("selector key 'x' is not supported"), LATER)
    assert conditions(refused) == {"Accepted": ("False", "Invalid", "13"), "Ready": ("False", "NotAccepted", "12")}


def test_conditions_of_others_stay() -> None:
    known = msgspec.convert(
        {"conditions": [{"type": "Approved", "status": "True", "reason": "ByHand", "lastTransitionTime": "x"}]},
        PluginStatusBody,
    )
    assert [one.type for one in make_status(known, 1, RUNNING, Accepted(), NOON).conditions] == [
        "Accepted",
        "Ready",
        "Approved",
    ]
