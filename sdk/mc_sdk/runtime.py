"""A plugin in service: its settings, its lazily opened state, and how one invocation runs, whatever carries it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import msgspec

from mc_sdk.context import Context, InvocationLog
from mc_sdk.host_client import HostClient, HostTransport, NoTransport
from mc_sdk.operations import OperationHandler
from mc_sdk.params import decode_params, encode_result
from mc_sdk.plugin import Plugin
from mc_sdk.streams import FileStart
from mc_wire.errors import OperationError, TargetTimeout, TooLarge, UnknownOperation, code_of, encode_error
from mc_wire.limits import MAX_MESSAGE_BYTES
from mc_wire.model import JSON, JSON_MIME, Caller, Outcome

if TYPE_CHECKING:
    from mc_sdk.tokens import TokenVerifier

log = logging.getLogger(__name__)

STREAM_RESULT_BYTES = 8 * 1024 * 1024
"""A streaming operation over unary Invoke answers at most that much, marked as truncated."""

_ENVELOPE_BYTES = 64 * 1024  # room for the logs and field headers around a result
ROLE_PREFIX = "plugin-role:"


class Call(msgspec.Struct):
    """One invocation as it arrived, from gRPC or HTTP."""

    operation: str
    item_id: str = ""
    caller: Caller = msgspec.field(default_factory=Caller)
    roles: frozenset[str] = frozenset()
    deadline: float | None = None
    token: str = ""


def granted_roles(plugin: str, caller: Caller) -> frozenset[str]:
    """Return the plugin roles among a caller's permissions (`plugin-role:<plugin>:<role>`)."""
    prefix = f"{ROLE_PREFIX}{plugin}:"
    return frozenset(one.removeprefix(prefix) for one in caller.permissions if one.startswith(prefix))


class Runtime:
    """Owns what a running plugin shares between invocations. `aclose()` closes the author's state."""

    def __init__(self, plugin: Plugin[Any], settings: Any) -> None:
        self.plugin = plugin
        self.settings = settings
        self.transport: HostTransport = NoTransport()
        self.verifier: TokenVerifier | None = None
        """Set when the host handed over its key: from then on every call needs a token."""
        self._initial_settings = settings
        self._stack = AsyncExitStack()
        self._state: Any = None
        self._is_open = False
        self._opening = asyncio.Lock()

    async def state(self) -> Any:
        """Return the author's state, opened at the first call; an opening that fails is tried again at the next."""
        if self._is_open:
            return self._state
        async with self._opening:
            if not self._is_open:
                self._state = await self._stack.enter_async_context(self.plugin.open_state(self.settings))
                self._is_open = True
        return self._state

    async def configure(self, properties: dict[str, JSON]) -> list[str]:
        """Apply the host's properties on top of the start's settings; return warnings for those it could not."""
        warnings: list[str]
        self.settings, warnings = self._initial_settings.merged(properties)
        if self._is_open:
            await self.plugin.configured(self._state, self.settings)
        return warnings

    async def health(self) -> str | None:
        """Return what is wrong with the plugin, or None."""
        return await self.plugin.health(self._state) if self._is_open else None

    def handler(self, name: str) -> OperationHandler:
        """Return the operation `name`. Raises: UnknownOperation."""
        try:
            return self.plugin.handlers[name]
        except KeyError:
            raise UnknownOperation(f'unknown operation "{name}"') from None

    async def authenticated(self, call: Call) -> Call:
        """Return `call` with user and roles of its token, once the host's key has shown it to be good.

        Raises: NotSignedIn, Forbidden. Without the host's key the call stays as it came.
        """
        if self.verifier is None:
            return call
        claims = await self.verifier.check(call.token, operation=call.operation, item_id=call.item_id)
        caller = msgspec.structs.replace(call.caller, user_id=claims.sub)
        item_id = call.item_id if claims.item is None else claims.item
        return msgspec.structs.replace(call, caller=caller, item_id=item_id, roles=frozenset(claims.roles))

    async def context(self, call: Call) -> Context[Any]:
        """Return the context of `call`, with the state open."""
        fields = {
            "plugin": self.plugin.name,
            "operation": call.operation,
            "item": call.item_id,
            "request_id": call.caller.request_id,
        }
        return Context(
            operation=call.operation,
            item_id=call.item_id,
            caller=call.caller,
            roles=call.roles,
            deadline=call.deadline,
            host=HostClient(self.transport, call.token),
            settings=self.settings,
            state=await self.state(),
            log=InvocationLog(logging.getLogger(f"plugin.{self.plugin.name}"), fields),
        )

    async def invoke(self, call: Call, params: bytes) -> Outcome:
        """Run one invocation to its end; every failure becomes an outcome with code, message and JSON body."""
        ctx: Context[Any] | None = None
        try:
            handler = self.handler(call.operation)
            call = await self.authenticated(call)
            arguments = arguments_of(handler, params)
            async with asyncio.timeout(None if call.deadline is None else call.deadline - time.monotonic()):
                ctx = await self.context(call)
                if handler.is_streaming:
                    result = await _collect(handler.function(ctx, *arguments))
                else:
                    result = encode_result(await handler.function(ctx, *arguments))
        except Exception as exc:  # noqa: BLE001  # border: whatever an author's code raises becomes an answer
            return self._failed(as_operation_error(exc, call), ctx)
        if len(result) > MAX_MESSAGE_BYTES - _ENVELOPE_BYTES:
            size = f"result of {len(result)} bytes exceeds the message limit of {MAX_MESSAGE_BYTES}"
            return self._failed(TooLarge(size, hint="ask for less, or use the operation's stream"), ctx)
        mime = handler.declared.mime
        return Outcome(result=result, mime=mime, logs=tuple(ctx.log.entries))

    def _failed(self, exc: OperationError, ctx: Context[Any] | None) -> Outcome:
        return Outcome(
            error_code=code_of(exc),
            error_message=exc.message,
            result=encode_error(exc),
            mime=JSON_MIME,
            logs=tuple(ctx.log.entries) if ctx else (),
        )

    async def aclose(self) -> None:
        """Close the author's state."""
        await self._stack.aclose()


def arguments_of(handler: OperationHandler, params: bytes) -> tuple[Any, ...]:
    """Return the positional arguments after the context. Raises: InvalidParams."""
    return (decode_params(params, handler.params_type),) if handler.params_type else ()


def as_operation_error(exc: Exception, call: Call) -> OperationError:
    """Return `exc` as the caller shall see it; a traceback goes to the log only, and only for our own bugs."""
    if isinstance(exc, OperationError):
        return exc
    if isinstance(exc, TimeoutError):
        return TargetTimeout(f"{call.operation}: timeout: context deadline exceeded")
    log.error("operation failed", extra={"operation": call.operation, "item": call.item_id}, exc_info=exc)
    return OperationError(str(exc) or type(exc).__name__)


async def _collect(lines: AsyncIterator[Any]) -> bytes:
    """Return a stream's lines as `{"items": […], "truncated": bool}`, at most 8 MiB of them.

    Of a file: `{"name", "contentType", "content", "truncated"}`.
    """
    items: list[bytes] = []
    size, is_truncated = 0, False
    file: FileStart | None = None
    try:
        async for value in lines:
            if isinstance(value, FileStart):
                file = value
                continue
            if file is not None:
                items.append(value)
                size += len(value)
                if size > STREAM_RESULT_BYTES:
                    is_truncated = True
                    break
                continue
            for line in value.splitlines() if isinstance(value, bytes) else [encode_result(value)]:
                size += len(line) + 1
                if size > STREAM_RESULT_BYTES:
                    is_truncated = True
                    break
                items.append(line)
            if is_truncated:
                break
    finally:
        await lines.aclose()  # type: ignore[attr-defined]  # an async generator, by the decorator's check
    if file is not None:
        content = b"".join(items)[:STREAM_RESULT_BYTES].decode("utf-8", "replace")
        made = {"name": file.name, "contentType": file.content_type, "content": content, "truncated": is_truncated}
        return msgspec.json.encode(made)
    collected = {"items": [msgspec.Raw(item) for item in items], "truncated": is_truncated}
    return msgspec.json.encode(collected)
