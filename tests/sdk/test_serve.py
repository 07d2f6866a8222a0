"""A plugin process as a host sees it: cookie, handshake, stop, and what becomes of it when the host dies."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import grpc
import pytest

from mc_sdk.testing import FakeHost
from mc_wire import codec, handshake, paths
from mc_wire.model import Item
from tests.fixtures.fix_plugin_process import launched, plugin_env

ITEM = "11111111-1111-4111-8111-111111111111"


def test_c5_no_cookie_explains_itself_and_exits_1(sample_plugin: list[str]) -> None:
    env = {name: value for name, value in plugin_env().items() if name != handshake.COOKIE_NAME}
    ended = subprocess.run(sample_plugin, env=env, capture_output=True, text=True, timeout=10, check=False)
    assert ended.returncode == 1
    assert ended.stderr == handshake.NOT_A_PROGRAM
    assert ended.stdout == ""


def test_wrong_cookie_is_no_cookie(sample_plugin: list[str]) -> None:
    env = plugin_env(MISSION_CONTROL_PLUGIN="mission-control-plugin/v2")
    ended = subprocess.run(sample_plugin, env=env, capture_output=True, text=True, timeout=10, check=False)
    assert (ended.returncode, ended.stderr) == (1, handshake.NOT_A_PROGRAM)


async def test_bad_setting_stops_the_start_with_its_name_and_range(sample_plugin: list[str]) -> None:
    with pytest.raises(AssertionError, match="SAMPLE_LIMIT is 1000, must be at most 100"):
        async with launched(sample_plugin, SAMPLE_LIMIT="1000"):
            pass


async def test_c6_handshake_is_the_only_line_of_a_packaged_module(tmp_path: Path) -> None:
    """The bootstrap guards stdout before the plugin's modules load; here serve() is called by a module that prints."""
    script = tmp_path / "late.py"
    script.write_text(
        textwrap.dedent("""
        from mc_sdk.guard import guard_stdout
        guard_stdout()
        print("printed while importing")
        import sys
        sys.path.insert(0, sys.argv[1])
        from sample_plugin import SamplePlugin
        from mc_sdk import serve
        serve(SamplePlugin())
        """)
    )
    async with launched([sys.executable, str(script), str(Path(__file__).parent)]) as plugin:
        assert re.match(r"^1\|1\|(unix|tcp)\|[^|]+\|grpc(\|.*)?$", plugin.line.strip())
        await plugin.register()
        await plugin.call("Shutdown", service=paths.CONTROLLER_SERVICE)
        assert await plugin.exited() == 0
        assert plugin.stderr[0] == "printed while importing"


async def test_health_service_says_serving_for_plugin_and_not_found_for_others(sample_plugin: list[str]) -> None:
    async with launched([*sample_plugin]) as plugin:
        answer = await plugin.call("Check", b"\x0a\x06plugin", service=paths.HEALTH_SERVICE)
        assert answer == b"\x08\x01"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await plugin.call("Check", b"\x0a\x05other", service=paths.HEALTH_SERVICE)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", [paths.PLUGIN_SERVICE, paths.CONTROLLER_SERVICE])
async def test_l3_shutdown_exits_0_within_2_s_and_removes_its_socket(sample_plugin: list[str], service: str) -> None:
    async with launched(sample_plugin) as plugin:
        await plugin.register()
        slow = asyncio.create_task(plugin.invoke("sleep", b'{"seconds": 30}'))
        await plugin.invoke("noop")
        started = time.monotonic()
        await plugin.call("Shutdown", service=service)
        assert await plugin.exited(2.0) == 0
        assert time.monotonic() - started < 2.0
        assert not os.path.exists(plugin.handshake.address)
        with pytest.raises(grpc.aio.AioRpcError):
            await slow


async def test_sigterm_stops_like_shutdown_and_sigint_is_ignored(sample_plugin: list[str]) -> None:
    async with launched(sample_plugin) as plugin:
        await plugin.register()
        plugin.process.send_signal(signal.SIGINT)
        assert (await plugin.invoke("noop")).result == b"null"
        plugin.process.send_signal(signal.SIGTERM)
        assert await plugin.exited(2.0) == 0


async def test_l7_killed_host_takes_the_plugin_with_it_within_2_s(sample_plugin: list[str]) -> None:
    host = f"import subprocess, sys; p = subprocess.Popen({sample_plugin!r}); print(p.pid, flush=True); p.wait()"
    pipe = asyncio.subprocess.PIPE
    # The host's end of stderr dies with the host, as it does for real: writing there must not keep the plugin.
    reading, writing = os.pipe()
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", host, env=plugin_env(), stdout=pipe, stderr=writing
    )
    os.close(writing)
    assert parent.stdout
    words = [(await parent.stdout.readline()).decode().strip() for _ in ("handshake", "pid")]
    pid = next(int(word) for word in words if word.isdigit())
    pidfd = os.pidfd_open(pid)
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(pidfd, gone.set)
    try:
        parent.kill()
        os.close(reading)
        async with asyncio.timeout(2.0):
            await gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(pidfd)
        os.close(pidfd)
        await parent.wait()
        parent._transport.close()  # type: ignore[attr-defined]  # its pipe outlives wait() otherwise


async def test_back_channel_reaches_the_host_before_or_after_the_announcement(sample_plugin: list[str]) -> None:
    host = FakeHost(items={ITEM: Item(id=ITEM, name="app", type="T")})
    async with launched(sample_plugin) as plugin:
        await plugin.register(host)
        assert (await plugin.invoke("item-name", item_id=ITEM)).result == b'"app"'
        missing = await plugin.invoke("item-name", item_id="other")
        assert (missing.error_code, missing.error_message) == ("not_found", "config item other not found")
        assert json.loads((await plugin.invoke("keep", b'{"lines": 5}')).result) is True


async def test_b12_noise_on_every_stream_wedges_nothing(sample_plugin: list[str]) -> None:
    async with launched(sample_plugin) as plugin:
        await plugin.register()
        plugin.process.stderr._limit = 8 * 1024 * 1024  # type: ignore[union-attr]  # the reader's own line limit
        assert (await plugin.invoke("noise")).result == b"null"
        assert (await plugin.invoke("noop")).result == b"null"


async def test_configure_reaches_operations_without_restart_and_warns_of_what_it_refused(
    sample_plugin: list[str],
) -> None:
    async with launched(sample_plugin, SAMPLE_GREETING="good morning") as plugin:
        await plugin.register()
        before = await plugin.invoke("greet", b'{"name": "you"}')
        settings = codec.encode_settings({"greeting": "servus", "limit": 1000, "colour": "red"})
        warnings = codec.decode_warnings(await plugin.call("Configure", settings))
        after = await plugin.invoke("greet", b'{"name": "you"}')
        assert json.loads(before.result)["text"] == "good morning you"
        assert json.loads(after.result)["text"] == "servus you"
        assert warnings == (
            "unknown property 'colour'; known: greeting, limit",
            "limit is 1000, must be at most 100; kept 10",
        )
