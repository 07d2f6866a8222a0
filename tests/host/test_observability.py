"""What machines ask: metrics with a token, health and readiness without, problems for who manages plugins."""

from __future__ import annotations

import asyncio

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def _read(client: HostClient) -> Samples:
    status, headers, body = await client.request("GET", "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(body.decode())
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def _value(samples: Samples, name: str, **labels: str) -> float | None:
    found = [value for (key, have), value in samples.items() if key == name and labels.items() <= dict(have).items()]
    assert len(found) <= 1, found
    return found[0] if found else None


async def test_b11_metrics_count_invocations_errors_and_latency(client: HostClient) -> None:
    [item] = (await client.get("/api/catalog/items?search=alpha"))["items"]
    for _ in range(2):
        await client.invoke("echo", item=item["id"])
    await client.invoke("fail", {"code": "not_found"}, item=item["id"])
    await client.request("GET", f"/api/plugins/helper/proxy/header-echo?config_id={item['id']}")
    samples = await _read(client)
    counted = "mission_control_plugin_invocations_total"
    assert _value(samples, counted, plugin="helper", operation="echo", code="ok") == 2
    assert _value(samples, counted, plugin="helper", operation="fail", code="not_found") == 1
    assert _value(samples, counted, plugin="helper", operation="header-echo", code="ok") == 1
    seconds = "mission_control_plugin_invocation_seconds"
    assert _value(samples, f"{seconds}_count", operation="echo") == 2
    assert 0 < (_value(samples, f"{seconds}_sum", operation="echo") or 0) < 10


async def test_b11_metrics_tell_state_restarts_and_the_catalog(client: HostClient) -> None:
    samples = await _read(client)
    state = "mission_control_plugin_state"
    assert _value(samples, state, plugin="helper", state="running") == 1
    assert _value(samples, state, plugin="helper", state="failed") == 0
    assert _value(samples, "mission_control_plugin_restarts_total", plugin="helper") == 0
    assert (_value(samples, "mission_control_plugin_resident_memory_bytes", plugin="helper") or 0) > 1e6
    assert _value(samples, "mission_control_problems") == 0
    total = (await client.get("/api/catalog/items"))["total"]
    assert _value(samples, "mission_control_catalog_items", source="directory") == total
    assert (_value(samples, "process_resident_memory_bytes") or 0) > 1e6
    item = (await client.get("/api/catalog/items?search=alpha"))["items"][0]["id"]
    await client.invoke("crash", item=item, is_confirmed=True)
    entry = client.host.registry.get("helper")
    await eventually(
        lambda: (status := client.host.fleet.find_status(entry.id)) and status.restarts, "the restart is counted"
    )
    assert _value(await _read(client), "mission_control_plugin_restarts_total", plugin="helper") == 1


async def test_b11_metrics_are_for_who_may_read_them(client: HostClient) -> None:
    status, _, _ = await client.request("GET", "/metrics", signed_in=False)
    assert status == 401
    status, _, _ = await client.request("GET", "/metrics", headers={"Origin": "https://evil.test"})
    assert status == 403


async def test_health_is_answered_to_every_probe(client: HostClient) -> None:
    for path in ("/healthz", "/readyz"):
        status, _, body = await client.request("GET", path, headers={"Host": "10.0.0.7:7070"}, signed_in=False)
        assert (status, body) == (200, b"ok\n")


async def test_host_is_ready_once_its_plugins_have_had_their_start(folder: HostFolder) -> None:
    folder.plugin(env={"HELPER_DELAY_S": "1.5"})
    async with open_client(folder.config()) as client:
        status, _, body = await client.request("GET", "/readyz", signed_in=False)
        assert (status, body) == (503, b"not ready: plugins are starting: helper\n")
        await client.reaches("running", "helper")
        assert (await client.request("GET", "/readyz", signed_in=False))[0] == 200


async def test_problems_are_told_with_their_source(client: HostClient, folder: HostFolder) -> None:
    assert await client.get("/api/problems") == []
    (folder.config_dir / "broken.yaml").write_text("kind: Plugin\napiVersion: mission-control.flanksource.com/v1\n")
    await eventually(lambda: client.host.problems, "the broken file is noticed")
    [problem] = await client.get("/api/problems")
    assert problem["source"] == "directory" and "broken.yaml" in problem["problem"]
    await asyncio.to_thread((folder.config_dir / "broken.yaml").unlink)
    status, _, body = await client.request("GET", "/api/problems", signed_in=False)
    assert status == 401 and msgspec.json.decode(body)["code"] == "unauthorized"
