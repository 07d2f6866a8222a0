#!/usr/bin/env python3
"""A plugin on the bare wire with many named behaviours, well and ill; `HELPER_BEHAVIOUR` picks one.

It is written on gRPC and the wire only, so that it can do what the SDK would never let an author do. Longer than most
modules here because every behaviour is in one executable file.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import grpc
import grpc.aio
from aiohttp import web

from mc_wire import codec, detect, documented, handshake, paths, released
from mc_wire.broker import BrokerInbox
from mc_wire.headers import SECRET_ENV
from mc_wire.limits import CHANNEL_OPTIONS, GRPC_OPTIONS
from mc_wire.model import (
    JSON,
    Artifact,
    ArtifactRef,
    ConnectionQuery,
    Health,
    Invocation,
    ItemQuery,
    LogEntry,
    Manifest,
    Operation,
    Outcome,
    Role,
    Tab,
)
from mc_wire.trace_context import CURRENT, TRACEPARENT, TRACESTATE, read_trace

BEHAVIOUR = os.environ.get("HELPER_BEHAVIOUR", "")
NAME = os.environ.get("HELPER_NAME", "helper")
VERSION = os.environ.get("HELPER_VERSION", "1.0.0")
MANIFEST_BYTES = int(os.environ.get("HELPER_MANIFEST_BYTES", "0"))
DELAY_S = float(os.environ.get("HELPER_DELAY_S", "0"))
NOTES = os.environ.get("HELPER_NOTES", "")
"""File to which noteworthy events are appended, for tests that look from outside."""

PAGE = (
    '<!doctype html><meta property="csp-nonce" content="__CSP_NONCE__"><title>helper</title>'
    '<script src="assets/app.js"></script>'
)
ASSETS = {"": (PAGE, "text/html"), "index.html": (PAGE, "text/html"), "assets/app.js": ("1;", "text/javascript")}
ECHO_SCHEMA: dict[str, JSON] = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "What to say."},
        "port": {"type": "integer", "default": 6060},
        "isLoud": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["text"],
}
SCHEMAS: dict[str, dict[str, JSON]] = {
    "echo": ECHO_SCHEMA,
    "fail": {"type": "object", "properties": {"facts": {"type": "object"}}},
}
TOKEN: ContextVar[str] = ContextVar("token", default="")
"""The invocation token of the call that is being answered."""
Function = Callable[["Helper", Invocation, dict[str, JSON]], Awaitable[JSON]]


def note(text: str) -> None:
    """Append a line to the notes file."""
    if NOTES:
        with Path(NOTES).open("a") as stream:
            stream.write(text + "\n")


class Fail(Exception):
    """An operation's failure with a code and a JSON body."""

    def __init__(self, params: dict[str, JSON]) -> None:
        super().__init__(params.get("message", "failed"))
        self.code = str(params.get("code", "HANDLER_ERROR"))
        self.body = {"error": str(self), "code": self.code, "hint": params.get("hint"), "facts": params.get("facts")}


class Helper:
    """State of the process: settings, back-channel, and the event that ends it."""

    def __init__(self) -> None:
        self.settings: dict[str, JSON] = {}
        self.inbox = BrokerInbox()
        self.channel: grpc.aio.Channel | None = None
        self.stopping = asyncio.Event()
        self.exit_code = 0
        self.ui_port = 0
        self.padding = ""
        self.registration: JSON = None

    async def host(self, name: str, request: bytes) -> bytes:
        """Call the host."""
        assert self.channel is not None, "no back-channel"
        call: Any = self.channel.unary_unary(paths.method(paths.HOST_SERVICE, name))
        token = "" if BEHAVIOUR.endswith("tokenless") else TOKEN.get()
        metadata = (((handshake.TOKEN_METADATA, token),) if token else ()) + CURRENT.get().items()
        response: bytes = await call(request, timeout=20, metadata=metadata)
        return response

    # --- operations -------------------------------------------------------------------------------------------------

    async def echo(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Return what came in."""
        caller = call.caller
        return {
            "params": params,
            "item": call.item_id,
            "user": caller.user_id if caller else None,
            "email": caller.user_email if caller else None,
            "permissions": list(caller.permissions) if caller else None,
            "request": caller.request_id if caller else None,
            "leftS": call.deadline.timestamp() - time.time() if call.deadline else None,
            "pid": os.getpid(),
            "token": TOKEN.get(),
            "trace": dict(CURRENT.get().items()),
            "traceId": caller.trace_id if caller else None,
        }

    async def env_dump(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Return the environment."""
        return dict(os.environ)

    async def echo_settings(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Return what Configure brought."""
        return {"settings": self.settings, "pid": os.getpid(), "registration": self.registration}

    async def crash(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """End the process in the middle of the call."""
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    async def hang(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Answer never; a cancelled call is noted."""
        try:
            await asyncio.Event().wait()
        finally:
            note("hang cancelled")

    async def rest(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Answer after `ms`."""
        await asyncio.sleep(float(params.get("ms", 100)) / 1000)
        return {"rested": params.get("ms", 100)}

    async def big_result(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Return a text of `bytes` characters."""
        return "x" * int(params["bytes"])

    async def fail(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Fail as the params say."""
        raise Fail(params)

    async def sha256(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Hash the item's name, as the reference's end-to-end plugin does."""
        import hashlib

        item = codec.decode_item(await self.host("GetConfigItem", codec.encode_item_id(call.item_id)))
        body: dict[str, JSON] = {"name": item.name, "sha256": hashlib.sha256(item.name.encode()).hexdigest()}
        return body | {"namespace": item.namespace, "config": item.config, "tags": item.tags}

    async def read_item(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Return the name of the item `id`."""
        return codec.decode_item(await self.host("GetConfigItem", codec.encode_item_id(params["id"]))).name

    async def list_configs(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Page through the catalog."""
        query = ItemQuery(
            selector=params.get("selector", {}), limit=params.get("limit", 0), cursor=params.get("cursor", "")
        )
        layout = released if BEHAVIOUR.startswith("released") else documented
        page = codec.decode_item_page(await self.host("ListConfigs", layout.encode_item_query(query)))
        return {"names": [item.name for item in page.items], "cursor": page.next_cursor}

    async def get_connection(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Ask for credentials."""
        query = ConnectionQuery(
            type=params.get("type", ""),
            item_id=params.get("item", ""),
            label=params.get("label", ""),
            connection_id=params.get("id", ""),
        )
        found = codec.decode_connection(await self.host("GetConnection", documented.encode_connection_query(query)))
        return {
            "type": found.type,
            "url": found.url,
            "username": found.username,
            "password": found.password,
            "properties": found.properties,
            "hasEnd": found.expires_at is not None,
        }

    async def artifacts(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Write `bytes` bytes, or read `id` back."""
        import hashlib

        if "id" in params:
            ref = codec.encode_artifact_ref(ArtifactRef(id=params["id"]))
            found = codec.decode_artifact(await self.host("ReadArtifact", ref))
            digest = hashlib.sha256(found.data).hexdigest()
            return {"sha256": digest, "type": found.content_type, "name": found.name, "metadata": found.metadata}
        data = os.urandom(int(params["bytes"]))
        artifact = Artifact(name="a.bin", content_type="application/x-test", data=data, metadata={"k": "v"})
        kept = codec.decode_artifact_ref(await self.host("WriteArtifact", codec.encode_artifact(artifact)))
        return {"id": kept.id, "url": kept.url, "sha256": hashlib.sha256(data).hexdigest()}

    async def nested(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Invoke another plugin's operation, itself included."""
        request = codec.encode_nested(
            params["plugin"], params["operation"], json.dumps(params.get("params", {})).encode(), call.item_id, None
        )
        outcome = codec.decode_outcome(await self.host("InvokePlugin", request))
        body = json.loads(outcome.result) if outcome.result else None
        return {"result": body, "code": outcome.error_code, "message": outcome.error_message}

    async def deeper(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Call itself through the host until the host refuses."""
        request = codec.encode_nested(NAME, "deeper", b"{}", call.item_id, None)
        try:
            outcome = codec.decode_outcome(await self.host("InvokePlugin", request))
        except grpc.aio.AioRpcError as exc:
            return {"depth": 0, "refused": exc.details()}
        inner = json.loads(outcome.result)
        return {"depth": inner["depth"] + 1, "refused": inner["refused"]}

    async def host_log(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Log through the host."""
        entry = LogEntry(level=params.get("level", "info"), message=params["message"], fields={"k": "v"})
        await self.host("Log", codec.encode_log(entry))
        return None

    async def output(self, call: Invocation, params: dict[str, JSON]) -> JSON:
        """Write to stdout and stderr, past any logger."""
        os.write(1, b"from fd 1\n")
        os.write(2, b"[WARN] from fd 2\n" + b"y" * int(params.get("bytes", 0)) + b"\n")
        return None

    # --- RPCs -------------------------------------------------------------------------------------------------------

    async def register(self, data: bytes, context: Any) -> bytes:
        """Dial back and answer the manifest."""
        registration = codec.decode_registration(data)
        self.registration = {"version": registration.host_version, "env": registration.env}
        if registration.broker_id:
            where = await self.inbox.address_of(registration.broker_id)
            self.channel = grpc.aio.insecure_channel(where.target, options=CHANNEL_OPTIONS)
        if BEHAVIOUR == "garbage-manifest":
            return b"\xff\xff\xff\xff garbage"
        self.padding = "x" * MANIFEST_BYTES
        layout = released if BEHAVIOUR.startswith("released") else documented
        encoded: bytes = layout.encode_manifest(self.manifest())
        return encoded

    def manifest(self) -> Manifest:
        """Return who this is."""
        return Manifest(
            name=NAME,
            version=VERSION,
            description="Does what tests need." + self.padding,
            protocol_version=int(os.environ.get("HELPER_PROTOCOL", "1")),
            capabilities=("tabs", "operations"),
            tabs=(Tab(name="Helper", icon="lucide:bug", path="/"),),
            operations=tuple(operations()),
            ui_port=self.ui_port,
            roles=(Role(name="write"), Role(name="operate")),
        )

    async def configure(self, data: bytes, context: Any) -> bytes:
        """Keep the settings."""
        self.settings = codec.decode_settings(data)
        return codec.encode_warnings(["bad is bad"] if "bad" in self.settings else [])

    async def list_operations(self, data: bytes, context: Any) -> bytes:
        """Answer the operations."""
        return codec.encode_operations(operations())

    async def invoke(self, data: bytes, context: Any) -> bytes:
        """Run an operation."""
        call = detect.decode_invocation(data)
        metadata = dict(context.invocation_metadata())
        TOKEN.set(metadata.get(handshake.TOKEN_METADATA, ""))
        CURRENT.set(read_trace(metadata.get(TRACEPARENT, ""), metadata.get(TRACESTATE, "")))
        is_guarded = call.operation in {one.name for one in GUARDED}
        function = Helper.echo if is_guarded else FUNCTIONS.get(call.operation)
        if function is None:
            text = f'unknown operation "{call.operation}"'
            return codec.encode_outcome(Outcome(error_code="UNKNOWN_OPERATION", error_message=text))
        try:
            result = await function(self, call, json.loads(call.params or b"{}"))
        except Fail as exc:
            body = json.dumps(exc.body).encode()
            return codec.encode_outcome(Outcome(error_code=exc.code, error_message=str(exc), result=body))
        except grpc.aio.AioRpcError as exc:
            text = f"{exc.code().name}: {exc.details()}"
            return codec.encode_outcome(Outcome(error_code="HANDLER_ERROR", error_message=text))
        logs = (LogEntry(level="info", message="operation done", fields={"op": call.operation}),)
        return codec.encode_outcome(Outcome(result=json.dumps(result).encode(), mime="application/json", logs=logs))

    async def health(self, data: bytes, context: Any) -> bytes:
        """Answer, unless told to be ill."""
        if BEHAVIOUR == "ill":
            return codec.encode_health(Health(ok=False, message="database is away"))
        return codec.encode_health(Health())

    async def shutdown(self, data: bytes, context: Any) -> bytes:
        """Reply, and end."""
        note("shutdown")
        if BEHAVIOUR != "ignores-shutdown":
            self.stopping.set()
        return codec.EMPTY

    async def start_stream(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        """Take announcements."""
        await self.inbox.read(requests)
        return
        yield

    async def controller_shutdown(self, data: bytes, context: Any) -> bytes:
        """As `shutdown`, by go-plugin's own service."""
        if BEHAVIOUR != "ignores-shutdown":
            self.stopping.set()
        return codec.EMPTY

    # --- HTTP -------------------------------------------------------------------------------------------------------

    async def http(self, request: web.Request) -> web.StreamResponse:
        """Answer page, files and HTTP operations."""
        path = request.path.lstrip("/")
        is_documented = not BEHAVIOUR.startswith("released")
        if path.startswith("__mc/operations/"):
            return await self.http_operation(request, path.removeprefix("__mc/operations/"))
        if path.startswith("__mc/ui/") or is_documented:
            path = path.removeprefix("__mc/ui/")
            if path == "socket":
                return await self.http_socket(request)
            if path == "elsewhere":
                return web.Response(status=302, headers={"Location": "https://example.org/"})
            if path == "moved":
                return web.Response(status=302, headers={"Location": "./assets/app.js?x=1"})
            if path.startswith("api/headers"):
                return web.json_response({"headers": dict(request.headers), "query": request.rel_url.raw_query_string})
            if path in ASSETS:
                body, kind = ASSETS[path]
                return web.Response(text=body, content_type=kind, headers={"Set-Cookie": "a=b"})
        return web.json_response({"error": "no such file", "path": request.path}, status=404)

    async def http_operation(self, request: web.Request, name: str) -> web.StreamResponse:
        """Answer an operation's HTTP route."""
        if name in ("header-echo", "erase", "switch"):
            body = (await request.read()).decode()
            answer = {"headers": dict(request.headers), "body": body, "query": request.rel_url.raw_query_string}
            answer["method"] = request.method
            return web.json_response(answer, headers={"Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*"})
        if name == "socket":
            return await self.http_socket(request)
        if name == "events":
            return await self.http_events(request)
        if name == "blocks":
            return await self.http_blocks(request)
        if name == "silent":
            await asyncio.Event().wait()
        return web.json_response({"error": f"no HTTP operation {name}", "code": "not_found"}, status=404)

    async def http_socket(self, request: web.Request) -> web.StreamResponse:
        """Echo messages; the first one says who asks; `close 4001 why` closes, and how it ended is noted."""
        socket = web.WebSocketResponse(protocols=("echo",), max_msg_size=0)
        await socket.prepare(request)
        await socket.send_json({"headers": dict(request.headers), "query": request.rel_url.raw_query_string})
        try:
            async for message in socket:
                if message.type is web.WSMsgType.BINARY:
                    await socket.send_bytes(message.data)
                elif message.data.startswith("close "):
                    _, code, reason = message.data.split(" ", 2)
                    await socket.close(code=int(code), message=reason.encode())
                else:
                    await socket.send_str(message.data)
        finally:
            note(f"socket ended {socket.close_code}")
        return socket

    async def http_events(self, request: web.Request) -> web.StreamResponse:
        """Send one line with its time, then nothing until the client leaves."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        await response.write(json.dumps({"at": time.time()}).encode() + b"\n")
        try:
            await asyncio.Event().wait()
        finally:
            note("events cancelled")
        return response

    async def http_blocks(self, request: web.Request) -> web.StreamResponse:
        """Send `count` blocks of 64 KiB as fast as they are taken; with `break` the connection dies before the end."""
        response = web.StreamResponse()
        await response.prepare(request)
        block, sent = b"z" * 65536, 0
        try:
            for _ in range(int(request.query["count"])):
                await response.write(block)
                sent += 1
                note(f"sent {sent}") if sent % 64 == 0 else None
        finally:
            note(f"blocks ended after {sent}")
        if "break" in request.query and request.transport is not None:
            request.transport.abort()
        return response


FUNCTIONS: dict[str, Function] = {
    "echo": Helper.echo,
    "env-dump": Helper.env_dump,
    "echo-settings": Helper.echo_settings,
    "crash": Helper.crash,
    "hang": Helper.hang,
    "rest": Helper.rest,
    "big-result": Helper.big_result,
    "fail": Helper.fail,
    "sha256": Helper.sha256,
    "read-item": Helper.read_item,
    "list-configs": Helper.list_configs,
    "get-connection": Helper.get_connection,
    "artifacts": Helper.artifacts,
    "nested": Helper.nested,
    "deeper": Helper.deeper,
    "host-log": Helper.host_log,
    "output": Helper.output,
}
_HTTP_ONLY = {
    "header-echo": ("GET", "POST"),
    "events": ("GET", "POST"),
    "blocks": ("GET",),
    "silent": ("GET",),
    "socket": ("GET",),
}
GUARDED = [
    Operation(name="erase", scope="global", is_destructive=True, http_methods=("GET", "POST")),
    Operation(
        name="switch",
        scope="global",
        is_destructive=True,
        http_methods=("GET", "POST"),
        params_schema={"type": "object", "properties": {}, "x-destructive-when": {"dryRun": ["off"]}},
    ),
    Operation(name="needs-role", scope="global", required_permissions=("write",)),
    Operation(name="needs-read", scope="global", required_permissions=("catalog:read", "plugin-role:helper:operate")),
    Operation(name="needs-unheard-of", scope="global", required_permissions=("moon:walk",)),
]
"""Operations that somebody must confirm or hold a permission for; each echoes."""
_CONFIG_SCOPED = ("sha256",)


def operations() -> list[Operation]:
    """Return every operation of the manifest."""
    unary = [
        Operation(
            name=name,
            description=(function.__doc__ or "").splitlines()[0],
            params_schema=SCHEMAS.get(name),
            result_mime="application/json",
            scope="config" if name in _CONFIG_SCOPED else "global",
            is_destructive=name == "crash",
        )
        for name, function in FUNCTIONS.items()
    ]
    http = [Operation(name=name, scope="global", http_methods=methods) for name, methods in _HTTP_ONLY.items()]
    return unary + http + GUARDED


def unary(method: Any) -> Any:
    """Return a gRPC handler on bytes."""
    return grpc.unary_unary_rpc_method_handler(method)


def handlers(helper: Helper) -> list[grpc.GenericRpcHandler]:
    """Return every service of a plugin's main server."""
    plugin = {
        "RegisterPlugin": unary(helper.register),
        "Configure": unary(helper.configure),
        "ListOperations": unary(helper.list_operations),
        "Invoke": unary(helper.invoke),
        "Health": unary(helper.health),
        "Shutdown": unary(helper.shutdown),
    }
    broker: Any = {"StartStream": grpc.stream_stream_rpc_method_handler(helper.start_stream)}
    return [
        grpc.method_handlers_generic_handler(paths.PLUGIN_SERVICE, plugin),
        grpc.method_handlers_generic_handler(paths.BROKER_SERVICE, broker),
        grpc.method_handlers_generic_handler(paths.CONTROLLER_SERVICE, {"Shutdown": unary(helper.controller_shutdown)}),
    ]


async def serve() -> None:
    """Listen, say where, and stay until told to stop."""
    helper = Helper()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", helper.http)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    await web.SockSite(runner, bound).start()
    helper.ui_port = bound.getsockname()[1]
    server = grpc.aio.server(options=GRPC_OPTIONS)
    server.add_generic_rpc_handlers(tuple(handlers(helper)))
    folder = tempfile.mkdtemp(prefix="plugin", dir=os.environ.get(handshake.ENV_SOCKET_DIR) or None)
    server.add_insecure_port(f"unix:{folder}/s")
    await server.start()
    host = os.pidfd_open(os.getppid())  # a killed host is not outlived, as every plugin promises
    asyncio.get_running_loop().add_reader(host, os._exit, 1)
    print(handshake.format_line(handshake.Handshake("unix", f"{folder}/s")), flush=True)
    await helper.stopping.wait()
    await asyncio.sleep(0.02)  # the reply to Shutdown has to leave first
    await server.stop(0)
    os._exit(helper.exit_code)


def main() -> None:
    """Behave."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    note(f"started {os.getpid()}")
    sys.stderr.write(f"plugin {NAME} loading: version={VERSION}\n")
    sys.stderr.flush()
    match BEHAVIOUR:
        case "never-handshakes":
            signal.pause()
        case "exits-early":
            sys.stderr.write("[ERROR] no license file\n")
            sys.exit(3)
        case "prints-first":
            print("hello from an import", flush=True)
        case "foreign-line":
            print("2|1|unix|/nowhere|grpc|", flush=True)
            signal.pause()
        case "netrpc":
            print("1|1|unix|/nowhere", flush=True)
            signal.pause()
        case "endless-line":
            os.write(1, b"x" * 200_000)
            signal.pause()
    time.sleep(DELAY_S)
    if os.environ.get(handshake.COOKIE_NAME) != handshake.COOKIE_VALUE:
        sys.stderr.write(handshake.NOT_A_PROGRAM)
        sys.exit(1)
    os.environ.pop(SECRET_ENV, None) if BEHAVIOUR == "forgets-secret" else None
    asyncio.run(serve())


if __name__ == "__main__":
    main()
