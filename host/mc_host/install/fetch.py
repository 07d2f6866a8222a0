"""Gets a plugin's file from where the operator says: a path, a URL, or a release archive of either."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from mc_wire.errors import InvalidParams, NotFound, TargetUnreachable

CHUNK_BYTES = 1 << 20
MAX_RESOURCE_BYTES = 1 << 20
MAX_BYTES = 512 << 20
"""No plugin is larger; what is, is something else."""
TIMEOUT_S = 30.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RESOURCE = "Plugin.yaml"

Progress = Callable[[int, int], None]
"""Called with the bytes so far and in all (0: unknown)."""


@dataclass(frozen=True)
class Fetched:
    """A plugin's executable in a scratch folder, what was fetched to get it, and the resource that came with it."""

    binary: Path
    checksum: str
    """SHA-256 of the executable, hex."""
    resource: str = ""
    """Text of the Plugin.yaml beside it in an archive, or inside a zipapp; or nothing."""


def fetch(source: str, scratch: Path, progress: Progress) -> Fetched:
    """Put the executable that `source` names into `scratch`.

    Raises: NotFound, InvalidParams (not a plugin's file, or plain http to another machine), TargetUnreachable.
    """
    target = scratch / "fetched"
    if "://" in source:
        _download(source, target, progress)
    else:
        _copy_file(Path(source), target, progress)
    resource = ""
    if tarfile.is_tarfile(target):
        target, resource = _from_archive(target, scratch)
    elif not _looks_executable(target):
        raise InvalidParams(f"{source} is neither an executable nor an archive with one")
    else:
        resource = _read_zipapp(target)
    target.chmod(0o755)
    return Fetched(target, _sha256(target), resource)


def _download(url: str, target: Path, progress: Progress) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise InvalidParams(f"cannot install from {url}", hint="use https: what is installed is run")
    try:
        with urlopen(Request(url, headers={"User-Agent": "mission-control"}), timeout=TIMEOUT_S) as answer:
            _copy(answer, target, int(answer.headers.get("Content-Length") or 0), progress)
    except HTTPError as exc:
        exc.close()
        if exc.code == 404:
            raise NotFound(f"nothing is at {url}") from exc
        raise TargetUnreachable(f"cannot fetch {url}: HTTP {exc.code} {exc.reason}") from exc
    except URLError as exc:
        raise TargetUnreachable(f"cannot fetch {url}: {exc.reason}") from exc


def _copy_file(path: Path, target: Path, progress: Progress) -> None:
    try:
        with path.open("rb") as file:
            _copy(file, target, os.fstat(file.fileno()).st_size, progress)
    except FileNotFoundError as exc:
        raise NotFound(f"no such file: {path}") from exc
    except IsADirectoryError as exc:
        raise InvalidParams(f"{path} is a folder, not a plugin's file") from exc


def _copy(source: IO[bytes], target: Path, total: int, progress: Progress) -> None:
    done = 0
    with target.open("wb") as sink:
        while chunk := source.read(CHUNK_BYTES):
            done += len(chunk)
            if done > MAX_BYTES:
                raise InvalidParams(f"larger than {MAX_BYTES >> 20} MiB: this is no plugin")
            sink.write(chunk)
            progress(done, total)
    if total and done != total:
        raise TargetUnreachable(f"the connection ended after {done} of {total} bytes")


def _from_archive(archive: Path, scratch: Path) -> tuple[Path, str]:
    """Return the one executable of a release archive, and its Plugin.yaml's text. Raises: InvalidParams."""
    folder = scratch / "archive"
    with tarfile.open(archive) as opened:
        members = [member for member in opened.getmembers() if member.isfile() and member.size <= MAX_BYTES]
        opened.extractall(folder, members=members, filter="data")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    programs = [path for path in files if _looks_executable(path) and os.access(path, os.X_OK)]
    if len(programs) != 1:
        found = ", ".join(path.name for path in programs) or "none"
        raise InvalidParams(f"the archive must hold one executable, found: {found}")
    resource = next((path.read_text() for path in files if path.name == RESOURCE), "")
    target = scratch / "program"
    shutil.move(programs[0], target)
    return target, resource


def _read_zipapp(path: Path) -> str:
    """Return the text of the Plugin.yaml in an executable zip, or nothing."""
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        if RESOURCE not in archive.namelist() or archive.getinfo(RESOURCE).file_size > MAX_RESOURCE_BYTES:
            return ""
        return archive.read(RESOURCE).decode("utf-8", "replace")


def _looks_executable(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith((b"\x7fELF", b"#!"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
