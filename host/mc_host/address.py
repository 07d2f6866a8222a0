"""How the command line finds the running host: a private file with its address, and a lock against a second one."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from mc_host.config import INSTALLED
from mc_host.tokens import write_private


class Address(msgspec.Struct, kw_only=True):
    """Where a host answers, and what lets the owner in."""

    url: str
    token: str
    pid: int


class AlreadyRunning(Exception):
    """Another host uses this state folder."""


def find_address(state_dir: Path) -> Address | None:
    """Return the running host's address; None when none runs, whatever an old file says."""
    if not _is_locked(state_dir):
        return None
    try:
        return msgspec.json.decode((state_dir / "host.json").read_bytes(), type=Address)
    except (OSError, msgspec.MsgspecError):
        return None


def _is_locked(state_dir: Path) -> bool:
    try:
        descriptor = os.open(state_dir / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@asynccontextmanager
async def hold_state(state_dir: Path) -> AsyncIterator[None]:
    """Own the state folder until the block ends; the kernel lets go when the process dies. Raises: AlreadyRunning."""
    descriptor = await asyncio.to_thread(_lock, state_dir)
    try:
        yield
    finally:
        await asyncio.to_thread(_release, state_dir, descriptor)


def _lock(state_dir: Path) -> int:
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (state_dir / INSTALLED).mkdir(exist_ok=True)  # watched from the start, so that an installed plugin appears
    descriptor = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(descriptor)
        raise AlreadyRunning(f"another host uses {state_dir}; stop it, or choose another --state") from exc
    return descriptor


def _release(state_dir: Path, descriptor: int) -> None:
    (state_dir / "host.json").unlink(missing_ok=True)
    os.close(descriptor)


def write_address(state_dir: Path, address: Address) -> None:
    """Publish the address for the command line."""
    write_private(state_dir / "host.json", msgspec.json.encode(address).decode())
