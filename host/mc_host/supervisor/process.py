"""One child process: started, its first line read, its output followed, its end noticed, killed if need be."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from mc_host.supervisor.output import LINE_BYTES, OutputLog
from mc_wire.background import Background
from mc_wire.handshake import Handshake, HandshakeError, parse_line


class ProcessEnded(Exception):
    """The plugin ended before it was of use; the text says how."""


class PluginProcess:
    """A running child; `open` starts it, `aclose` leaves nothing behind."""

    def __init__(self, popen: subprocess.Popen[bytes], output: OutputLog) -> None:
        self._popen = popen
        self._output = output
        self._background = Background()
        self._unread = [pipe for pipe in (popen.stdout, popen.stderr) if pipe is not None]
        self._pidfd = os.pidfd_open(popen.pid)
        self.exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The exit status: negative for the signal that ended it."""
        asyncio.get_running_loop().add_reader(self._pidfd, self._notice_exit)

    @classmethod
    async def open(cls, binary: Path, env: Mapping[str, str], output: OutputLog) -> PluginProcess:
        """Start `binary` without arguments. Raises: OSError when it cannot be executed."""
        process = cls(await _spawn_in_thread(binary, env), output)
        assert process._popen.stderr is not None
        process._background.spawn(process._follow(process._popen.stderr), name=f"stderr of {binary.name}")
        return process

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._popen.pid

    def _notice_exit(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        status = self._popen.wait()  # does not block: the kernel says it ended
        if not self.exited.done():
            self.exited.set_result(status)

    async def _follow(self, pipe: IO[bytes]) -> None:
        await self._output.follow(await self._open_reader(pipe))

    async def _open_reader(self, pipe: IO[bytes]) -> asyncio.StreamReader:
        """Return a reader that closes the pipe at its end."""
        self._unread.remove(pipe)
        reader = asyncio.StreamReader(limit=LINE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        return reader

    async def read_handshake(self) -> Handshake:
        """Return what the first line of stdout says, and follow the rest. Raises: HandshakeError, ProcessEnded."""
        assert self._popen.stdout is not None
        reader = await self._open_reader(self._popen.stdout)
        try:
            line = await reader.readline()
        except ValueError as exc:
            raise HandshakeError("Unrecognized remote plugin message: a line without end") from exc
        if not line.endswith(b"\n"):
            await self.exited
            raise ProcessEnded(f"plugin exited before we could connect ({describe_exit(self.exited.result())})")
        # Whatever still comes has to be read, or the plugin blocks once the pipe is full.
        self._background.spawn(self._output.follow(reader), name=f"stdout of {self.pid}")
        return parse_line(line.decode("utf-8", "replace"))

    async def wait(self, timeout_s: float) -> bool:
        """Wait for the end; False when it still runs after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.shield(self.exited)
        except TimeoutError:
            return False
        return True

    def kill(self) -> None:
        """End it by SIGKILL, which also ends a stopped process."""
        if not self.exited.done():
            self._popen.send_signal(signal.SIGKILL)

    async def aclose(self) -> None:
        """Kill what still runs, read the last output, close every descriptor."""
        self.kill()
        await self.wait(5.0)
        await self._background.aclose(timeout_s=1.0)
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        for pipe in self._unread:
            pipe.close()


async def _spawn_in_thread(binary: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the process beside the loop; one that starts while the caller is cancelled is ended again."""
    starting = asyncio.get_running_loop().run_in_executor(None, _spawn, binary, env)
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        popen = await starting
        popen.kill()
        await asyncio.to_thread(popen.communicate)  # waits, and closes the pipes
        raise


def _spawn(binary: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(binary)],
        env=dict(env),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


def describe_exit(status: int) -> str:
    """Return an exit status in words."""
    if status >= 0:
        return f"exit code {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def resident_bytes(pid: int) -> int | None:
    """Return the memory a process holds, or nothing when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
