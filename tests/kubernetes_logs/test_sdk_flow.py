"""A2: the flow of a third-party page, in Node."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from mc_wire.handshake import TOKEN_HEADER
from tests.kubernetes_logs.scene import Scene, open_http

FLOW = Path(__file__).with_name("sdk_flow.mjs")


async def test_a2_reference_client_lists_reads_and_follows(scene: Scene) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if node is None:
        pytest.skip("node is not installed")
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "one", "two")
    async with open_http(scene) as http:
        base = str(http.make_url("/__mc/operations"))
        process = await asyncio.create_subprocess_exec(
            node, str(FLOW), base, scene.item.id, TOKEN_HEADER, "t", stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"ready\n"
            await scene.api.logs.write("web-1", "three", "four")
            found = json.loads(await process.stdout.readline())
            assert await process.wait() == 0
    assert [row["line"] for row in found["rows"]] == ["one", "two"]
    assert [row["line"] for row in found["followed"]] == ["three", "four"]
