"""What may happen to a cluster while it is followed: a namespace goes, credentials change."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from aiohttp import ClientError, ClientSession, web

from mc_kube.kubeconfig_text import render_kubeconfig
from mc_kube.resources import PODS
from mc_sdk import Connection, Item
from tests.fixtures.fix_certificates import Authority
from tests.kubernetes_logs.follow import Follow, open_follow
from tests.kubernetes_logs.scene import NAMESPACE, Scene, open_scene

TEXTS = [f"line {n}" for n in range(30)]


def has_rows(count: int, follow: Follow) -> bool:
    return len(follow.rows) >= count


def use(scene: Scene, text: str) -> None:
    """Let the host hand out other credentials for the item."""
    connection = Connection(type="kubernetes", properties={"kubeconfig": text}, certificate=text)
    scene.plugin.host.connections[scene.item.id] = connection


async def test_a_namespace_that_is_deleted_ends_its_pods_and_one_of_its_name_goes_on(scene: Scene) -> None:
    item = Item(id=str(uuid4()), name=NAMESPACE, type="Kubernetes::Namespace")
    scene.plugin.host.items[item.id] = item
    scene.plugin.host.connections[item.id] = scene.plugin.host.connections[scene.item.id]
    for pod in ("web-1", "web-2"):
        await scene.put_pod(pod)
        await scene.api.logs.write(pod, f"{pod} works")
    async with open_follow(scene.plugin, item, {"backlog": -1}) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        for pod in ("web-1", "web-2"):
            await scene.api.logs.write(pod, f"{pod} stops")
        await follow.read(lambda f: len(f.rows) == 4)
        for pod in ("web-1", "web-2"):
            await scene.api.logs.end(pod)
            await scene.api.remove(PODS, pod, NAMESPACE)
        await follow.read(lambda f: len(f.told("source", change="removed")) == 2)
        await scene.api.logs.write("web-3", "a new one")
        await scene.put_pod("web-3")
        await follow.read(lambda f: len(f.rows) == 5)
        assert sorted(follow.texts) == ["a new one", "web-1 stops", "web-1 works", "web-2 stops", "web-2 works"]
        assert not follow.told("gap") and not follow.told("end") and not follow.told("error")


async def test_a_token_that_is_rotated_while_following_is_read_again(tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("first\n")
    async with open_scene() as scene:
        scene.api.token = "first"
        use(scene, render_kubeconfig(replace(scene.api.access, token="stale", token_file=token_file)))
        await scene.put_pod("web-1")
        await scene.api.logs.write("web-1", *TEXTS[:10])
        async with scene.following(backlog=-1) as follow:
            await follow.read(lambda f: len(f.rows) == 10)
            for at, name in ((10, "second"), (20, "third")):
                token_file.write_text(f"{name}\n")
                scene.api.token = name
                scene.api.cut()  # open connections end; new ones need the new token
                await scene.api.logs.write("web-1", *TEXTS[at : at + 10])
                await follow.read(partial(has_rows, at + 10))
            assert follow.texts == TEXTS and not follow.told("gap") and not follow.told("end")


@dataclass
class Front:
    """Stands before an API server and lets in who shows a certificate with the allowed name."""

    upstream: int
    allowed: str
    port: int = 0
    open: set[asyncio.Transport] = field(default_factory=set)

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """Pass a request on, or answer 401."""
        assert request.transport
        peer = request.transport.get_extra_info("peercert")
        self.open.add(request.transport)
        if dict(part[0] for part in peer["subject"])["commonName"] != self.allowed:
            return web.json_response({"kind": "Status", "code": 401, "reason": "Unauthorized"}, status=401)
        async with (
            ClientSession() as session,
            session.request(
                request.method,
                f"http://127.0.0.1:{self.upstream}{request.path_qs}",
                data=await request.read(),
                headers={"Content-Type": request.content_type},
            ) as answer,
        ):
            response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
            await response.prepare(request)
            with suppress(ClientError, ConnectionError):
                async for block in answer.content.iter_any():
                    await response.write(block)
            return response

    def cut(self) -> None:
        """Break every connection."""
        for transport in self.open:
            transport.abort()
        self.open.clear()


@asynccontextmanager
async def open_front(authority: Authority, upstream: int, allowed: str) -> AsyncIterator[Front]:
    """Run it on a port of its own."""
    front, pair = Front(upstream, allowed), authority.issue("server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.path))
    context.load_cert_chain(pair.certificate, pair.key)
    context.verify_mode = ssl.CERT_REQUIRED
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", front.forward)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    front.port = runner.addresses[0][1]
    try:
        yield front
    finally:
        await runner.cleanup()


async def test_a_certificate_that_is_rotated_while_following_is_shown(authority: Authority, tmp_path: Path) -> None:
    certificate, key = tmp_path / "me.crt", tmp_path / "me.key"

    def issue(who: str) -> None:
        pair = authority.issue(who)
        certificate.write_bytes(pair.certificate.read_bytes())
        key.write_bytes(pair.key.read_bytes())

    issue("first")
    async with open_scene() as scene, open_front(authority, scene.api.port, "first") as front:
        cluster = {"server": f"https://127.0.0.1:{front.port}", "certificate-authority": str(authority.path)}
        user = {"client-certificate": str(certificate), "client-key": str(key)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(json.dumps(document))
        use(scene, str(kubeconfig))
        await scene.put_pod("web-1")
        await scene.api.logs.write("web-1", *TEXTS[:10])
        async with scene.following(backlog=-1) as follow:
            await follow.read(lambda f: len(f.rows) == 10)
            for at, name in ((10, "second"), (20, "third")):
                issue(name)
                front.allowed = name
                front.cut()
                await scene.api.logs.write("web-1", *TEXTS[at : at + 10])
                await follow.read(partial(has_rows, at + 10))
            assert follow.texts == TEXTS and not follow.told("gap") and not follow.told("end")
