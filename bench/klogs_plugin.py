"""The plugin's HTTP side for `bench.klogs`, in a process of its own, with a host that knows one item.

usage: klogs_plugin.py UPSTREAM_PORT
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

from mc_kube.kubeconfig import ClusterAccess
from mc_kube.kubeconfig_text import render_kubeconfig
from mc_kubernetes_logs.http_server import LogsHttpServer
from mc_kubernetes_logs.plugin import KubernetesLogsPlugin
from mc_kubernetes_logs.settings import LogsSettings
from mc_sdk import Connection, Item
from mc_sdk.testing import FakeHost, PluginHarness
from mc_wire.allocator import keep_freed_blocks
from mc_wire.model import Contract

ITEM = "11111111-1111-4111-8111-111111111111"


async def main() -> None:
    """Print the port, then serve."""
    keep_freed_blocks()
    access = ClusterAccess(context="bench", cluster="bench", server=f"http://127.0.0.1:{sys.argv[1]}")
    kubeconfig = render_kubeconfig(access)
    items = {
        ITEM: Item(id=ITEM, name="web", type="Kubernetes::Deployment", tags={"namespace": "bench"}),
        "pod": Item(id="pod", name="web-000", type="Kubernetes::Pod", tags={"namespace": "bench"}),
    }
    connection = Connection(type="kubernetes", properties={"kubeconfig": kubeconfig})
    host = FakeHost(items=items, connections=dict.fromkeys(items, connection))
    plugin = PluginHarness(KubernetesLogsPlugin(), host=host, settings=LogsSettings())
    app = LogsHttpServer(plugin.runtime, lambda: Contract.DOCUMENTED, "").application()
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
