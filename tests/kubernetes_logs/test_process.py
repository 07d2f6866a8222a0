"""A25 and the budget: the packaged plugin as a process."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from mc_kubernetes_logs.http_side import LogsHttp
from mc_kubernetes_logs.plugin import KubernetesLogsPlugin
from mc_sdk import Background, Item
from mc_sdk.testing import FakeHost, PluginHarness
from mc_wire.model import Contract

PLUGIN = [sys.executable, "-m", "mc_kubernetes_logs"]
FLAGS = [
    (["--serve", ":0", "--serve-tls-cert", "x"],
     "kubernetes-logs: --serve-tls-cert and --serve-tls-key must be set together"),
    (["--serve", ":0", "--serve-tls-client-ca", "x"],
     "kubernetes-logs: --serve-tls-client-ca requires --serve-tls-cert and --serve-tls-key"),
]  # fmt: skip


@pytest.mark.parametrize(("flags", "text"), FLAGS)
async def test_a25_serve_flags_that_do_not_fit_are_refused(flags: list[str], text: str) -> None:
    process = await asyncio.create_subprocess_exec(*PLUGIN, *flags, stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    assert process.returncode == 1 and told.decode().strip().splitlines()[-1] == text


async def test_start_path_loads_nothing_heavy() -> None:
    heavy = "{'aiohttp', 're2', 'yaml', 'mc_kube.client', 'cel', 'cryptography'}"
    code = (
        "import sys; import mc_kubernetes_logs.http_side, mc_kubernetes_logs.plugin as p;"
        "p.KubernetesLogsPlugin().definitions;"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert told.decode().strip() == "[]"


async def test_a25_serve_stops_with_last_words_for_open_streams(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("one\n")
    item = Item(id="x", name="app", type="Local::File", properties={"path": str(path)})
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    background = Background()
    async with PluginHarness(KubernetesLogsPlugin(), host=FakeHost(items={"x": item})) as plugin:
        http = LogsHttp(plugin.runtime, listener, lambda: Contract.DOCUMENTED, "", background)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/__mc/operations/logs"
        query = {"config_id": "x", "follow": "true", "format": "ndjson", "backlog": "-1"}
        headers = {"X-Flanksource-Plugin-Invocation": "t"}
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url, params=query) as answer:
            seen = b""
            while b'"line":"one"' not in seen:
                seen += await answer.content.readany()
            await http.aclose()
            assert b'"reason":"shutdown"' in await answer.read()
    await background.aclose()
