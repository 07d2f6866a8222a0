"""The exec and port-forward of an API server: commands run on this machine, ports are this machine's own.

`version` says which protocol it speaks at most, `denied` whom it refuses and why.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from mc_kube.channels import V4, V5
from mc_kube.kubeconfig import ClusterAccess

POD = {"metadata": {"name": "p", "namespace": "n", "uid": "u"}, "status": {"phase": "Running"}}
_CLOSE = 255


@dataclass
class KubeChannels:
    """One server with one pod, `n/p`."""

    protocols: Sequence[str] = (V5, V4)
    denied: set[tuple[str, str]] = field(default_factory=set)
    """Verb and subresource."""
    url: str = ""
    opened: int = 0
    ended: int = 0

    @property
    def access(self) -> ClusterAccess:
        """How to reach it."""
        return ClusterAccess(context="double", cluster="double", server=self.url)

    async def pod(self, request: web.Request) -> web.Response:
        """Answer the one pod."""
        if request.match_info["name"] != "p":
            body = {"kind": "Status", "reason": "NotFound", "message": 'pods "x" not found', "code": 404}
            return web.json_response(body, status=404)
        return web.json_response(POD)

    async def review(self, request: web.Request) -> web.Response:
        """Answer what is allowed."""
        asked = (await request.json())["spec"]["resourceAttributes"]
        return web.json_response({"status": {"allowed": (asked["verb"], asked["subresource"]) not in self.denied}})

    async def channels(self, request: web.Request) -> web.StreamResponse:
        """Answer exec and portforward."""
        subresource = request.match_info["sub"]
        if request.match_info["name"] != "p":
            return web.Response(status=404)
        if {("get", subresource), ("create", subresource)} & self.denied:
            return web.Response(status=403)
        socket = web.WebSocketResponse(protocols=self.protocols, max_msg_size=0)
        await socket.prepare(request)
        self.opened += 1
        try:
            await (_exec if subresource == "exec" else _forward)(request, socket)
        finally:
            self.ended += 1
        return socket


async def _exec(request: web.Request, socket: web.WebSocketResponse) -> None:
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *request.query.getall("command"), stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as exc:
        await _status(socket, {"status": "Failure", "reason": "InternalError", "message": str(exc)})
        return
    assert process.stdin and process.stdout and process.stderr
    if "stdin" not in request.query:
        process.stdin.close()
    feeding = asyncio.create_task(_feed(socket, process.stdin))
    try:
        await asyncio.gather(_pass_on(socket, 1, process.stdout), _pass_on(socket, 2, process.stderr))
        code = await process.wait()
    finally:
        feeding.cancel()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        try:
            await asyncio.shield(process.wait())
        finally:
            process._transport.close()  # type: ignore[attr-defined]  # its pipes too, read to their ends or not
        await asyncio.wait([feeding])
    cause = {"reason": "ExitCode", "message": str(code)}
    failure = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": [cause]}}
    await _status(socket, failure if code else {"status": "Success"})


async def _status(socket: web.WebSocketResponse, status: dict[str, Any]) -> None:
    await socket.send_bytes(b"\x03" + json.dumps(status).encode())
    await socket.close()


async def _feed(socket: web.WebSocketResponse, stdin: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.BINARY:
                break
            if message.data[0] == _CLOSE:
                stdin.close()
            else:
                stdin.write(message.data[1:])
                await stdin.drain()


async def _pass_on(socket: web.WebSocketResponse, channel: int, stream: asyncio.StreamReader) -> None:
    while data := await stream.read(32768):
        await socket.send_bytes(bytes([channel]) + data)


async def _forward(request: web.Request, socket: web.WebSocketResponse) -> None:
    port = int(request.query["ports"])
    for channel in (0, 1):
        await socket.send_bytes(bytes([channel]) + struct.pack("<H", port))
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as exc:
        await socket.send_bytes(b"\x01" + f"an error occurred forwarding {port}: {exc}".encode())
        await socket.close()
        return
    pumps = [asyncio.create_task(_feed(socket, writer)), asyncio.create_task(_pass_on(socket, 0, reader))]
    try:
        await asyncio.wait(pumps, return_when="FIRST_COMPLETED")
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.wait(pumps)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    await socket.close()


@asynccontextmanager
async def open_channels_double(**settings: Any) -> AsyncIterator[KubeChannels]:
    """Run one on a free port."""
    double = KubeChannels(**settings)
    app = web.Application()
    app.router.add_get("/api/v1/namespaces/n/pods/{name}", double.pod)
    app.router.add_post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", double.review)
    app.router.add_get("/api/v1/namespaces/n/pods/{name}/{sub}", double.channels)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield double
    finally:
        await runner.cleanup()
