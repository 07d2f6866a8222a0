"""The processes of this machine whose runtime a plugin can look into, found in /proc and kept up to date."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import socket
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid5

import msgspec

from mc_host.catalog.items import CatalogItem, Detail
from mc_host.catalog.sources import SourceSink
from mc_host.catalog.sources.runtimes import Program, identify
from mc_host.resources import ID_SPACE

SOURCE = "this host"
INTERVAL_S = 3.0
"""Between two looks; one costs a few ms per hundred processes, since only new ones are looked at closely."""

_STATES = {"T": "stopped", "t": "traced", "D": "waiting for a device"}
_UNIT = re.compile(r"/([^/]+\.service)(?:/|$)")
_CONTAINER = re.compile(r"([0-9a-f]{64})")
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessKey:
    """A process for as long as it lives: pids are reused, a pid and its start are not."""

    pid: int
    started_ticks: int


@dataclass(frozen=True)
class Seen:
    """One line of a look: the process and whether it can run."""

    key: ProcessKey
    state: str


class ProcessSource:
    """Implements `CatalogSource`. `proc` is /proc, or a folder of its shape."""

    name = SOURCE

    def __init__(self, proc: Path = Path("/proc"), interval_s: float = INTERVAL_S) -> None:
        self._proc = proc
        self._interval_s = interval_s
        self._machine = read_machine_id()
        self._host = socket.gethostname()
        self._boot_s = _read_boot_time(proc)
        self._items: dict[ProcessKey, CatalogItem | None] = {}

    async def run(self, sink: SourceSink) -> None:
        """Tell `sink` of processes that come, go, or stop, until cancelled."""
        while True:
            upserted, removed = await asyncio.to_thread(self.look)
            if upserted or removed:
                sink.update_items(SOURCE, upserted, removed)
            await asyncio.sleep(self._interval_s)

    def look(self) -> tuple[list[CatalogItem], list[str]]:
        """Return (items that are new or changed, ids of items that are gone) since the last look."""
        seen = {one.key: one.state for one in list_processes(self._proc)}
        gone = [key for key in self._items if key not in seen]
        removed = [item.id for key in gone if (item := self._items.pop(key)) is not None]
        upserted = []
        for key, state in seen.items():
            known = self._items.get(key)
            status = _STATES.get(state, "running")
            if key not in self._items:
                item = self._describe(key, status)
            elif known is not None and known.status != status:
                item = msgspec.structs.replace(known, status=status, health=_health(status))
            else:
                continue
            self._items[key] = item
            if item is not None:
                upserted.append(item)
        return upserted, removed

    def _describe(self, key: ProcessKey, status: str) -> CatalogItem | None:
        """Return the item of a process, None for one of no runtime we know, or gone, or not ours to read."""
        folder = self._proc / str(key.pid)
        try:
            executable = os.readlink(folder / "exe")
            arguments = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            owner = folder.stat().st_uid
        except OSError:
            return None
        program = identify(executable, arguments, folder / "exe", has_perf_data=_has_perf_data(folder, key.pid))
        return self._item(key, program, executable, owner, status) if program else None

    def _item(self, key: ProcessKey, program: Program, executable: str, owner: int, status: str) -> CatalogItem:
        user = _user_name(owner)
        # Not the whole command line: passwords stand in them.
        properties = {
            "pid": key.pid,
            "user": user,
            "executable": executable,
            "runtimeVersion": program.version,
            "startedAt": _iso_time(self._boot_s + key.started_ticks / _CLOCK_TICKS),
        }
        kind = f"Host::Process::{program.runtime.value}"
        tags = {"host": self._host, "user": user, **_cgroup_tags(self._proc / str(key.pid) / "cgroup")}
        words = (program.name, kind, str(key.pid), status, *(f"{name}={value}" for name, value in tags.items()))
        return CatalogItem(
            id=str(uuid5(ID_SPACE, f"{SOURCE}\0{self._machine}\0{key.pid}\0{key.started_ticks}")),
            name=program.name,
            type=kind,
            source=SOURCE,
            health=_health(status),
            status=status,
            tags=tags,
            haystack="\n".join(words).casefold(),
            detail=zlib.compress(msgspec.json.encode(Detail(properties=properties)), 3),
        )


def list_processes(proc: Path) -> Iterator[Seen]:
    """Yield every live process; kernel threads and zombies are none of ours."""
    for name in os.listdir(proc):
        if not name.isdigit():
            continue
        try:
            text = (proc / name / "stat").read_text(errors="replace")
        except OSError:
            continue
        # The second field is the command in parentheses, and may hold blanks and parentheses itself.
        fields = text.rpartition(")")[2].split()
        state, parent, flags = fields[0], int(fields[1]), int(fields[6])
        if state in "ZXx" or parent == 2 or flags & _KERNEL_THREAD:
            continue
        yield Seen(ProcessKey(int(name), int(fields[19])), state)


_KERNEL_THREAD = 0x00200000  # PF_KTHREAD


def _health(status: str) -> str:
    return "healthy" if status == "running" else "warning"


def _has_perf_data(folder: Path, pid: int) -> bool:
    """Does a JVM announce itself under this pid? Seen through the process's own root: its /tmp may not be ours."""
    try:
        return any((entry / str(pid)).exists() for entry in (folder / "root" / "tmp").glob("hsperfdata_*"))
    except OSError:
        return False


def _cgroup_tags(path: Path) -> dict[str, str]:
    """Return the systemd unit or the container that a process belongs to."""
    try:
        text = path.read_text()
    except OSError:
        return {}
    container = _CONTAINER.search(text)
    if container:
        return {"container": container[1][:12]}
    unit = _UNIT.search(text)
    return {"unit": unit[1]} if unit else {}


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def read_machine_id() -> str:
    """Return what tells this machine from others, across restarts where the system keeps such an id."""
    for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        if text:
            return text
    return socket.gethostname()


def _read_boot_time(proc: Path) -> float:
    """Return the second since 1970 at which the machine started."""
    try:
        lines = (proc / "stat").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("btime ")), 0.0)


def _iso_time(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
