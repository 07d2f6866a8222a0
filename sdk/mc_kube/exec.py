"""Commands run in a container, with what they print and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from mc_kube.channels import BLOCK_BYTES, V4, V5, Channels, open_channels
from mc_kube.client import KubeClient
from mc_wire.errors import TargetError, TargetTimeout, TooLarge

_STDIN, _STDOUT, _STDERR, _STATUS = 0, 1, 2, 3
MAX_OUTPUT_BYTES = 16 * 1024 * 1024
_MAX_STDERR_BYTES = 64 * 1024
_EXIT_CODE, _NON_ZERO = "ExitCode", "NonZeroExitCode"


class _Cause(msgspec.Struct):
    reason: str = ""
    message: str = ""


class _Details(msgspec.Struct):
    causes: list[_Cause] = []


class _Status(msgspec.Struct):
    status: str = ""
    message: str = ""
    reason: str = ""
    details: _Details | None = None


@dataclass(frozen=True)
class CompletedExec:
    """A command that has ended; as subprocess.CompletedProcess."""

    command: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes

    def check(self) -> None:
        """Raises: TargetError with what the command complained about, when it failed."""
        if self.returncode:
            _fail(self.command, self.returncode, self.stderr)


@dataclass
class RunningExec:
    """A command whose output is read while it comes."""

    command: tuple[str, ...]
    channels: Channels
    stderr: bytearray = field(default_factory=bytearray)
    """The end of what it has complained so far, 64 KiB of it."""
    returncode: int | None = None

    async def write(self, data: bytes) -> None:
        """Send bytes to its standard input."""
        await self.channels.send(_STDIN, data)

    async def close_stdin(self) -> bool:
        """End its standard input; False where the server's protocol cannot say so, and the command must know itself."""
        await self.channels.close(_STDIN)
        return self.channels.can_half_close

    async def stdout(self) -> AsyncIterator[memoryview]:
        """Yield what it prints until it ends. Raises: TargetError when it could not be run or the connection broke."""
        async for channel, data in self.channels.messages():
            if channel == _STDOUT and data:
                yield data
            elif channel == _STDERR:
                self.stderr += data
                del self.stderr[:-_MAX_STDERR_BYTES]
            elif channel == _STATUS and data:
                self.returncode = _exit_code(bytes(data), self.command)
        if self.returncode is None:
            raise TargetError(f"{_name(self.command)}: the connection ended before the command did")

    def check(self) -> None:
        """Raises: TargetError when the command has failed."""
        if self.returncode:
            _fail(self.command, self.returncode, bytes(self.stderr))


@asynccontextmanager
async def open_exec(
    client: KubeClient,
    namespace: str,
    pod: str,
    command: Sequence[str],
    *,
    container: str = "",
    has_stdin: bool = False,
) -> AsyncIterator[RunningExec]:
    """Start a command; leaving the block early ends the connection, and the command as far as the kubelet notices.

    Raises: NotFound, Forbidden (needs `get` and `create` on pods/exec), InvalidParams, TargetError, TargetUnreachable.
    """
    wanted = [("stdout", "true"), ("stderr", "true")] + ([("stdin", "true")] if has_stdin else [])
    params = [*(("command", word) for word in command), *wanted]
    params += [("container", container)] if container else []
    async with open_channels(client, namespace, pod, "exec", (V5, V4), params) as channels:
        yield RunningExec(tuple(command), channels)


async def run_exec(
    client: KubeClient,
    namespace: str,
    pod: str,
    command: Sequence[str],
    *,
    container: str = "",
    stdin: bytes | None = None,
    timeout_s: float | None = None,
    max_bytes: int = MAX_OUTPUT_BYTES,
) -> CompletedExec:
    """Run a command to its end and return what it printed; its failure is in `returncode`.

    Where the server speaks version 4 only, the end of `stdin` cannot be said: such a script ends with `exit`.
    Raises: as `open_exec`; TargetTimeout; TooLarge (more output than `max_bytes`).
    """
    output = bytearray()
    try:
        async with (
            asyncio.timeout(timeout_s),
            open_exec(client, namespace, pod, command, container=container, has_stdin=stdin is not None) as running,
            asyncio.TaskGroup() as group,
        ):
            feeding = group.create_task(_feed(running, _blocks(stdin))) if stdin is not None else None
            async for data in running.stdout():
                output += data
                if len(output) > max_bytes:
                    raise TooLarge(f"{_name(command)} prints more than {max_bytes} bytes")
            if feeding is not None:
                feeding.cancel()  # a command need not read all of its input
    except TimeoutError as exc:
        raise TargetTimeout(f"{_name(command)} did not end within {timeout_s:g} s") from exc
    except BaseExceptionGroup as exc:
        raise exc.exceptions[0] from exc
    assert running.returncode is not None
    return CompletedExec(tuple(command), running.returncode, bytes(output), bytes(running.stderr))


async def _blocks(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), BLOCK_BYTES):
        yield data[at : at + BLOCK_BYTES]


async def _feed(running: RunningExec, blocks: AsyncIterable[bytes]) -> None:
    async for block in blocks:
        await running.write(block)
    await running.close_stdin()


def _exit_code(data: bytes, command: Sequence[str]) -> int:
    try:
        status = msgspec.json.decode(data, type=_Status)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise TargetError(f"{_name(command)}: the API server answers no status") from exc
    if status.status == "Success":
        return 0
    causes = status.details.causes if status.details else []
    code = next((cause.message for cause in causes if cause.reason == _EXIT_CODE), "")
    if status.reason == _NON_ZERO and code.isdigit():
        return int(code)
    raise TargetError(f"{_name(command)} could not be run: {status.message[:512]}", reason=status.reason or None)


def _fail(command: Sequence[str], returncode: int, stderr: bytes) -> None:
    said = stderr.decode(errors="replace").strip()[-512:]
    raise TargetError(
        f"{_name(command)} failed with exit code {returncode}{': ' + said if said else ''}", exit_code=returncode
    )


def _name(command: Sequence[str]) -> str:
    return f"exec [{' '.join(command)[:120]}]"
