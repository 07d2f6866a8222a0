"""Many at once, slow ones, and plugins that answer what no plugin should."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from mc_host.artifacts import ArtifactStore
from mc_wire.errors import OperationError
from mc_wire.model import Artifact
from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client

MIB = 1024 * 1024


def _rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def test_500_idle_streams_cost_little_and_end_with_their_browsers(client: HostClient, folder: HostFolder) -> None:
    url = f"{client.url}/api/plugins/helper/proxy/events"
    before, descriptors = _rss_bytes(), _descriptors()
    opened = await asyncio.gather(*(client.session.get(url, headers=client.owner) for _ in range(500)))
    for response in opened:
        assert b"at" in await response.content.readline()
    assert _rss_bytes() - before < 150 * MIB  # both ends of every stream are in this process
    assert (await client.request("GET", "/api/me"))[0] == 200
    for response in opened:
        response.close()
    await eventually(lambda: folder.note_lines().count("events cancelled") == 500, "all handlers are cancelled")
    await eventually(lambda: _descriptors() <= descriptors + 20, "the sockets are closed")


async def test_slow_client_of_a_fast_stream_costs_the_host_nothing(client: HostClient) -> None:
    url = f"{client.url}/api/plugins/helper/proxy/blocks?count=8192"  # 512 MiB, offered as fast as it is taken
    async with client.session.get(url, headers=client.owner) as response:
        await response.content.read(1024)
        before = _rss_bytes()
        for _ in range(20):
            await response.content.read(64 * 1024)
            await asyncio.sleep(0.05)
        assert _rss_bytes() - before < 16 * MIB
        response.close()


async def test_binary_replaced_five_times_in_a_second_starts_once_more(client: HostClient, folder: HostFolder) -> None:
    pid = (await client.status())["pid"]
    binary = folder.plugin_root / "helper/latest/helper"
    text = binary.read_text()
    for version in range(5):
        folder.install(text=text.replace("exec", f"export HELPER_VERSION=9.{version}; exec"))
        await asyncio.sleep(0.15)
    registry = client.host.registry
    await eventually(lambda: (found := registry.get("helper").manifest) and found.version == "9.4", "the last one runs")
    row = await client.reaches("running")
    assert row["pid"] != pid and row["restarts"] == 1


async def test_manifest_of_ten_megabytes_is_taken_and_one_beyond_the_limit_is_refused(folder: HostFolder) -> None:
    folder.plugin(env={"HELPER_MANIFEST_BYTES": str(10 * MIB)})
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        folder.plugin(env={"HELPER_MANIFEST_BYTES": str(65 * MIB)})
        row = await client.reaches("backing_off")
        assert "larger than max" in row["lastError"], row["lastError"]


async def test_plugin_that_answers_garbage_is_refused_with_its_reason(folder: HostFolder) -> None:
    folder.plugin(behaviour="garbage-manifest")
    async with open_client(folder.config(restart_limit=0)) as client:
        row = await client.reaches("failed")
        assert "RegisterPlugin failed: not a protobuf message" in row["lastError"]
        assert (await client.request("GET", "/api/me"))[0] == 200


async def test_b1_artifact_that_cannot_be_kept_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = ArtifactStore(str(tmp_path / "file" / "below"))
    with pytest.raises(OperationError, match=r"could not keep artifact 'a\.bin': (Not a directory|File exists)"):
        await store.write(Artifact(name="a.bin", data=b"x"))
