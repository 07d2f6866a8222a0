"""Plugins that start, crash, hang, are replaced, and stop: real processes, short times."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from mc_host.app import open_host
from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client


def is_alive(pid: int) -> bool:
    """Is there such a process that is not a zombie?"""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def test_plugin_registers_and_answers(client: HostClient) -> None:
    status, answer = await client.invoke("echo", {"text": "hi"})
    assert (status, answer["params"]) == (200, {"text": "hi"})
    row = await client.status()
    assert (row["state"], row["contract"], row["restarts"]) == ("running", "documented", 0)
    assert row["memoryBytes"] > 1024 * 1024


async def test_released_contract_is_found_out_and_spoken(folder: HostFolder) -> None:
    folder.plugin(behaviour="released")
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config()) as client:
        row = await client.reaches("running")
        assert row["contract"] == "released"
        status, answer = await client.invoke("echo", {"text": "hi"})
        # A caller in field 4 would be read as a deadline in 1970: there must be none, and time left.
        assert (status, answer["user"]) == (200, None) and 50 < answer["leftS"] <= 60
        [tab] = (await client.get("/api/plugins"))[0]["tabs"]
        assert tab["name"] == "Helper"
        status, _, page = await client.request("GET", "/api/plugins/helper/ui/")
        assert status == 200 and b"helper" in page
        assert (await client.request("GET", "/api/plugins/helper/ui/api/headers"))[0] == 404


async def test_plugin_killed_during_an_invocation_says_so_and_the_next_call_works(client: HostClient) -> None:
    status, answer = await client.invoke("crash", is_confirmed=True)
    assert status == 503
    assert answer["code"] == "not_running" and 'ended while it ran "crash": killed by SIGKILL' in answer["error"]
    status, answer = await client.invoke("echo", {"text": "again"})
    assert status == 200
    assert (await client.status())["restarts"] == 1


async def test_l3_host_stop_shuts_plugins_down_and_leaves_no_process(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config()) as client:
        pid = (await client.reaches("running"))["pid"]
    assert "shutdown" in folder.note_lines()
    assert not is_alive(pid)
    assert len([line for line in folder.note_lines() if line.startswith("started")]) == 1


async def test_plugin_that_ignores_shutdown_is_killed_after_the_stop_timeout(
    folder: HostFolder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.plugin(behaviour="ignores-shutdown")
    async with open_client(folder.config(stop_timeout_s=0.3)) as client:
        pid = (await client.reaches("running"))["pid"]
    assert not is_alive(pid)
    assert "plugin failed to exit gracefully" in caplog.text


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        ("exits-early", "plugin exited before we could connect (exit code 3)"),
        ("prints-first", "Unrecognized remote plugin message: 'hello from an import'"),
        ("foreign-line", "incompatible core API version"),
        ("netrpc", 'unsupported plugin protocol "netrpc". Supported: [grpc]'),
        ("endless-line", "Unrecognized remote plugin message"),
        ("garbage-manifest", "RegisterPlugin failed: not a protobuf message"),
    ],
)
async def test_bad_start_is_reported_and_leaves_no_process(folder: HostFolder, behaviour: str, text: str) -> None:
    folder.plugin(behaviour=behaviour)
    async with open_client(folder.config(restart_limit=0, settle_timeout_s=5)) as client:
        row = await client.reaches("failed")
        assert text in row["lastError"]
        assert await client.get("/api/plugins") == []
    pids = [int(line.split()[1]) for line in folder.note_lines() if line.startswith("started")]
    assert pids and not any(is_alive(pid) for pid in pids)


async def test_early_exit_shows_the_last_output(folder: HostFolder) -> None:
    folder.plugin(behaviour="exits-early")
    async with open_client(folder.config(restart_limit=0)) as client:
        assert "no license file" in (await client.reaches("failed"))["lastError"]


async def test_file_that_cannot_be_executed_is_described(folder: HostFolder) -> None:
    folder.plugin()
    folder.install(text="not a program\n")
    async with open_client(folder.config(restart_limit=0)) as client:
        error = (await client.reaches("failed"))["lastError"]
    assert "cannot execute" in error and "neither script nor ELF" in error


async def test_l8_slow_start_names_the_register_deadline_and_the_process_is_killed(folder: HostFolder) -> None:
    folder.plugin(env={"HELPER_DELAY_S": "31"})
    async with open_client(folder.config(restart_limit=0, register_timeout_s=0.7)) as client:
        row = await client.reaches("failed")
    assert "0.7 s register deadline (waiting for the handshake line)" in row["lastError"]
    [pid] = [int(line.split()[1]) for line in folder.note_lines() if line.startswith("started")]
    assert not is_alive(pid)


async def test_protocol_version_of_another_age_is_refused_with_both_versions(folder: HostFolder) -> None:
    folder.plugin(env={"HELPER_PROTOCOL": "2"})
    async with open_client(folder.config(restart_limit=0)) as client:
        error = (await client.reaches("failed"))["lastError"]
    assert "plugin speaks protocol version 2, this host speaks 1" in error


async def test_l4_replaced_binary_restarts_exactly_once_after_crashes(client: HostClient, folder: HostFolder) -> None:
    for _ in range(3):
        await client.invoke("crash", is_confirmed=True)
        await client.invoke("echo", {"text": "back"})
    assert (await client.status())["restarts"] == 3
    for version in ("2", "3", "4", "5", "6"):  # written five times in a row: one restart
        folder.install(text=folder.install().read_text().replace("exec", f"export HELPER_VERSION={version}; exec"))
    entry = client.host.registry.get("helper")
    await eventually(
        lambda: (
            (found := client.host.registry.find_by_id(entry.id)) and found.manifest and found.manifest.version == "6"
        ),
        "the new binary runs",
    )
    row = await client.reaches("running")
    assert (row["restarts"], row["version"]) == (4, "6")


async def test_sibling_of_the_binary_restarts_nothing(client: HostClient, folder: HostFolder) -> None:
    pid = (await client.status())["pid"]
    binary = folder.plugin_root / "helper/latest/helper"
    (binary.parent / "sibling").write_text("x")
    binary.chmod(0o700)
    folder.write("more.yaml", folder.item("gamma"))  # an event behind the ones that must not count
    await eventually(lambda: len(client.host.catalog.list_page(lambda _: True).items) == 3, "configuration is read")
    await asyncio.sleep(0.5)
    row = await client.status()
    assert (row["pid"], row["restarts"]) == (pid, 0)


async def test_l5_spent_budget_is_failed_with_its_reason_and_invoke_answers_503(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config(restart_limit=2)) as client:
        for _ in range(3):
            assert (await client.invoke("crash", is_confirmed=True))[0] == 503
        row = await client.reaches("failed")
        assert "2 restarts within 60 min are spent" in row["lastError"] and row["restarts"] == 2
        assert await client.get("/api/plugins") == []
        status, answer = await client.invoke("echo", {"text": "x"})
        assert (status, answer["code"], answer["facts"]) == (503, "not_running", {"state": "failed"})
        assert "restarts within" in answer["error"]


async def test_l5_budget_recovers_when_the_window_has_moved_on(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config(restart_limit=1, restart_window_s=1.5)) as client:
        await client.invoke("crash", is_confirmed=True)
        await client.invoke("crash", is_confirmed=True)
        await client.reaches("failed")
        await client.reaches("running")


async def test_l5_new_binary_ends_the_failure_without_waiting_for_the_window(folder: HostFolder) -> None:
    folder.plugin(behaviour="exits-early")
    async with open_client(folder.config(restart_limit=1)) as client:
        await client.reaches("failed")
        text = folder.install().read_text()
        folder.install(text=text.replace("exec", "export HELPER_BEHAVIOUR=; exec"))
        assert "lastError" not in await client.reaches("running")


async def test_l2_stopped_process_is_unhealthy_then_restarted(folder: HostFolder) -> None:
    folder.plugin()
    config = folder.config(health_interval_s=0.2, health_timeout_s=0.3)
    async with open_client(config) as client:
        pid = (await client.reaches("running"))["pid"]
        os.kill(pid, signal.SIGSTOP)
        row = await client.reaches("unhealthy")
        assert "no answer to Health" in row["lastError"]
        row = await client.reaches("running")
        assert row["pid"] != pid and row["restarts"] == 1
        assert not is_alive(pid)


async def test_plugin_that_says_it_is_ill_is_shown_but_not_restarted(folder: HostFolder) -> None:
    folder.plugin(behaviour="ill")
    async with open_client(folder.config(health_interval_s=0.1)) as client:
        row = await client.reaches("unhealthy")
        assert (row["lastError"], row["restarts"]) == ("database is away", 0)
        assert (await client.invoke("echo", {"text": "x"}))[0] == 200


async def test_l1_changed_properties_reach_the_plugin_without_restart(client: HostClient, folder: HostFolder) -> None:
    before = (await client.invoke("echo-settings"))[1]
    folder.plugin(properties={"rowLimit": "5"})
    plugin = client.host.registry.get("helper")
    await eventually(
        lambda: (e := client.host.registry.find_by_id(plugin.id)) and e.spec.properties == {"rowLimit": "5"}, "new spec"
    )
    after = (await client.invoke("echo-settings"))[1]
    assert after["settings"] == {"rowLimit": "5"} and after["pid"] == before["pid"]


async def test_changed_environment_restarts_and_removed_resource_stops(client: HostClient, folder: HostFolder) -> None:
    pid = (await client.status())["pid"]
    path = folder.plugin(env={"EXTRA": "1"})
    await eventually(lambda: not is_alive(pid), "the old process is gone")
    assert (await client.invoke("env-dump"))[1]["EXTRA"] == "1"
    assert await asyncio.to_thread(client.host.manifests.list_names) == ["helper"]
    path.unlink()
    await eventually(lambda: client.host.registry.find("helper") is None, "the plugin is gone")
    assert await asyncio.to_thread(client.host.manifests.list_names) == []
    assert (await client.invoke("echo"))[0] == 404


async def test_bad_declaration_is_a_problem_and_the_running_plugin_stays(
    client: HostClient, folder: HostFolder
) -> None:
    pid = (await client.status())["pid"]

    async def becomes_a_problem(text: str) -> None:
        await eventually(lambda: any(text in problem for problem in client.host.problems), text)
        assert (await client.status())["pid"] == pid

    folder.plugin(selector={"typo": "x"})
    await becomes_a_problem("selector key 'typo' is not supported")
    folder.plugin(connections={"types": "x"})
    await becomes_a_problem("spec.connections.types must map names to references")


async def test_registration_tells_host_version_and_contract(client: HostClient) -> None:
    seen = (await client.invoke("echo-settings"))[1]["registration"]
    assert (seen["version"], seen["env"]["mission-control/contract"]) == ("0.1.0", "documented")


async def test_s5_plugin_sees_an_allowlist_of_the_environment(client: HostClient) -> None:
    env = (await client.invoke("env-dump"))[1]
    assert "DB_URL" not in env and "HOME" in env
    assert env["PLUGIN_PROTOCOL_VERSIONS"] == "1" and env["MISSION_CONTROL_PLUGIN"] == "mission-control-plugin/v1"
    assert env["PATH"].split(":")[0] == str(Path(sys.executable).parent)


async def test_s6_wrong_checksum_is_never_started(folder: HostFolder) -> None:
    folder.plugin(checksum="sha256:" + "0" * 64)
    async with open_client(folder.config(restart_limit=0)) as client:
        assert "checksum of helper is not the declared" in (await client.reaches("failed"))["lastError"]
    assert folder.note_lines() == []


async def test_missing_binary_is_reported_and_found_when_it_comes(folder: HostFolder) -> None:
    folder.plugin()
    binary = folder.plugin_root / "helper/latest/helper"
    binary.unlink()
    async with open_client(folder.config(backoff_first_s=0.1)) as client:
        await client.reaches("backing_off")
        folder.install()
        await client.reaches("running")


async def test_b12_output_after_the_handshake_is_logged_and_a_long_line_blocks_nothing(client: HostClient) -> None:
    assert (await client.invoke("output", {"bytes": 1024 * 1024}))[0] == 200
    assert (await client.invoke("echo", {"text": "alive"}))[0] == 200

    async def messages() -> dict[str, str]:
        return {line["message"][:20]: line["level"] for line in await client.get("/api/plugins/helper/logs")}

    entry = client.host.registry.get("helper")
    await eventually(lambda: any("fd 1" in x.message for x in client.host.fleet.list_log(entry.id)), "stdout is logged")
    await eventually(lambda: any("yyy" in x.message for x in client.host.fleet.list_log(entry.id)), "stderr is logged")
    found = await messages()
    assert found["from fd 2"] == "warning" and found["from fd 1"] == "debug"


async def test_b7_many_calls_at_once_finish_while_health_answers(client: HostClient) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    calls = asyncio.gather(*(client.invoke("rest", {"ms": 100}) for _ in range(200)))
    runtime = client.host.registry.get("helper").runtime
    assert runtime is not None
    asked = loop.time()
    assert (await runtime.client.health(5.0)).ok  # type: ignore[attr-defined]  # the local runtime is an Instance
    assert loop.time() - asked < 1.0
    assert {status for status, _ in await calls} == {200}
    assert loop.time() - began < 3.0


async def test_only_one_plugin_is_started_for_the_command_line(folder: HostFolder) -> None:
    folder.plugin()
    folder.plugin("other")
    async with open_host(folder.config(), only_plugin="other") as host:
        assert [entry.name for entry in host.registry.list_all()] == ["other"]


async def test_host_that_stops_while_a_plugin_starts_leaves_nothing_open(folder: HostFolder) -> None:
    folder.plugin()
    for _ in range(3):
        async with open_client(folder.config()) as client:
            assert (await client.status())["state"] == "starting"


async def test_stop_during_an_invocation_answers_the_caller(folder: HostFolder) -> None:
    folder.plugin(behaviour="ignores-shutdown")
    async with open_client(folder.config(stop_timeout_s=0.3)) as client:
        await client.reaches("running")
        runtime = client.host.registry.get("helper").runtime
        call = asyncio.ensure_future(client.invoke("hang"))
        await eventually(lambda: runtime is not None and bool(runtime.calls), "the call runs")
        (folder.config_dir / "helper.yaml").unlink()
        status, answer = await call
        assert (status, answer["code"]) == (503, "not_running")
        assert 'ended while it ran "hang"' in answer["error"] and "hint" not in answer
