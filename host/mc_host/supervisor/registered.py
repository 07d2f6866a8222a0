"""A plugin that has registered, wherever it runs: what it said of itself, and the calls to it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime

import grpc
import grpc.aio
import msgspec

from mc_host.acting import Acting, CallsInFlight
from mc_host.supervisor.client import PluginClient
from mc_host.supervisor.output import OutputLog
from mc_wire.detect import decode_manifest, field_six_names, manifest_contract
from mc_wire.errors import NotRunning, OperationError, TargetTimeout, TooLarge
from mc_wire.model import Contract, Invocation, Manifest, Outcome, Registration


@dataclass(kw_only=True)
class RegisteredPlugin:
    """The host's end of one registration."""

    name: str
    output: OutputLog
    client: PluginClient
    http_secret: str = ""
    http_base: str = ""
    tls: ssl.SSLContext | None = None
    """What its HTTP side is verified with; None where that is plain."""
    contract: Contract = Contract.DOCUMENTED
    manifest: Manifest = field(default_factory=lambda: Manifest(name="", version=""))
    manifest_bytes: bytes = b""
    """The manifest as it came, for `plugin inspect --raw`."""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    calls: CallsInFlight = field(default_factory=CallsInFlight)

    async def register(self, registration: Registration, timeout_s: float) -> None:
        """Register, and take the manifest in whichever contract it is. Raises: OperationError, AioRpcError."""
        data = await self.client.register(registration, timeout_s)
        contract = manifest_contract(data)
        if contract is None:
            operations = await self.client.list_operations(timeout_s)
            is_released = {one.name for one in operations} == field_six_names(data)
            contract = Contract.RELEASED if is_released else Contract.DOCUMENTED
        manifest = decode_manifest(data, contract)
        if manifest.protocol_version not in (0, 1):
            raise OperationError(f"plugin speaks protocol version {manifest.protocol_version}, this host speaks 1")
        if not manifest.operations:
            operations = await self.client.list_operations(timeout_s)
            manifest = msgspec.structs.replace(manifest, operations=operations)
        self.contract, self.manifest, self.manifest_bytes = contract, manifest, data

    async def invoke(self, invocation: Invocation, *, timeout_s: float, token: str, acting: Acting) -> Outcome:
        """Run one operation. Raises: NotRunning (it ended), TargetTimeout, TooLarge, OperationError."""
        try:
            with self.calls.note(acting):
                return await self.client.invoke(invocation, self.contract, timeout_s, token)
        except grpc.aio.AioRpcError as exc:
            raise await self._call_error(exc, invocation.operation, timeout_s) from exc
        except NotRunning as exc:
            raise await self.describe_end(invocation.operation, exc.message) from exc

    async def _call_error(self, exc: grpc.aio.AioRpcError, operation: str, timeout_s: float) -> OperationError:
        code, text = exc.code(), exc.details() or ""
        if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            return await self.describe_end(operation, text)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return TargetTimeout(f'plugin "{self.name}" did not answer "{operation}" within {timeout_s:g} s')
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            return TooLarge(f'the answer of "{operation}" is too large: {text}')
        return OperationError(text or f"plugin answered {code.name}", grpc=code.name)

    async def describe_end(self, operation: str, text: str) -> NotRunning:
        """Return what a call is told that the plugin went away under."""
        message = f'plugin "{self.name}" went away while it ran "{operation}": {text}'
        return NotRunning(message, hint="it is being dialled again; try again", plugin=self.name)
