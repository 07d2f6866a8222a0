"""Files into and out of a container, by what every image with a shell has: `sh`, `cat`, `head`, `mv`."""

from __future__ import annotations

import asyncio
import posixpath
import shlex
from collections.abc import AsyncIterator
from pathlib import Path

from mc_kube.channels import BLOCK_BYTES
from mc_kube.client import KubeClient
from mc_kube.exec import open_exec
from mc_wire.errors import TargetError, TooLarge


async def copy_in(client: KubeClient, namespace: str, pod: str, source: Path, path: str, *, container: str = "") -> int:
    """Write a local file to `path`, whose folder is made; it appears there whole or not at all. Returns its bytes.

    Raises: as `open_exec`; TargetError with the shell's complaint.
    """
    size = (await asyncio.to_thread(source.stat)).st_size
    folder, draft = posixpath.dirname(path) or ".", f"{path}.copying"
    # Counted, since version 4 of the protocol cannot say where the input ends.
    script = (
        f"mkdir -p -- {shlex.quote(folder)} && head -c {size} > {shlex.quote(draft)}"
        f" && [ $(wc -c < {shlex.quote(draft)}) -eq {size} ] && mv -f -- {shlex.quote(draft)} {shlex.quote(path)}"
    )
    command = ("sh", "-c", script)
    async with open_exec(client, namespace, pod, command, container=container, has_stdin=True) as running:
        with source.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                await running.write(block)
        await running.close_stdin()
        async for _ in running.stdout():
            pass
        running.check()
    return size


async def copy_out(
    client: KubeClient, namespace: str, pod: str, path: str, *, container: str = "", max_bytes: int | None = None
) -> AsyncIterator[bytes]:
    """Yield a file's bytes. Raises: as `open_exec`; TargetError (no such file), also after bytes; TooLarge."""
    if "\0" in path:
        raise TargetError("a path cannot hold a zero byte")
    done = 0
    async with open_exec(client, namespace, pod, ("cat", "--", path), container=container) as running:
        async for data in running.stdout():
            done += len(data)
            if max_bytes is not None and done > max_bytes:
                raise TooLarge(f"{path} is larger than {max_bytes} bytes")
            yield bytes(data)
        running.check()
