"""The folder layout of plugin binaries: `<root>/<binary>/<version>/<binary>`, or flat `<root>/<binary>`."""

from __future__ import annotations

import hashlib
import hmac
import os
import platform
import re
import stat
from pathlib import Path

from mc_wire.errors import InvalidParams, NotFound

LATEST = "latest"


def find_binary(root: Path, name: str, version: str = "") -> Path:
    """Return the executable of a plugin; an empty version means `latest`. Raises: NotFound, InvalidParams."""
    _check_segment(name)
    if version not in ("", LATEST):
        _check_segment(version)
        path = root / name / version / name
        if is_executable(path):
            return path
        raise NotFound(f'plugin "{name}" version {version} not found in {root}')
    for path in _candidates(root, name):
        if is_executable(path):
            return path
    raise NotFound(f'plugin "{name}" not found in {root}')


def _candidates(root: Path, name: str) -> list[Path]:
    fixed = [root / name, root / name / LATEST, root / name / LATEST / name, root / name / name]
    nested = sorted((root / name).glob(f"*/{name}"), key=_version_key, reverse=True) if (root / name).is_dir() else []
    return [*fixed, *nested]


def _version_key(path: Path) -> tuple[list[int], str]:
    """Order by the numbers of the version folder, so that 1.10 is newer than 1.9."""
    return [int(number) for number in re.findall(r"\d+", path.parent.name)], path.parent.name


def _check_segment(text: str) -> None:
    if not text or "/" in text or "\0" in text or text in (".", ".."):
        raise InvalidParams(f"{text!r} cannot be the name of a plugin's folder")


def is_executable(path: Path) -> bool:
    """Is this a regular file that may be run?"""
    return path.is_file() and os.access(path, os.X_OK)


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_checksum(path: Path, declared: str) -> None:
    """Compare a binary with `sha256:<hex>` or bare hex. Raises: InvalidParams when it is another one."""
    wanted = declared.strip().lower().removeprefix("sha256:")
    if wanted and not hmac.compare_digest(wanted, file_checksum(path)):
        raise InvalidParams(f"checksum of {path.name} is not the declared {declared}")


def describe_file(path: Path) -> str:
    """Return mode, owner and architecture of a binary, for errors about one that does not start."""
    try:
        info = path.stat()
        with path.open("rb") as stream:
            head = stream.read(20)
    except OSError as exc:
        return str(exc)
    kind = "script" if head.startswith(b"#!") else "ELF" if head.startswith(b"\x7fELF") else "neither script nor ELF"
    mode = stat.filemode(info.st_mode)
    return f"{path}: {mode}, owner {info.st_uid}:{info.st_gid}, {kind}, machine {platform.machine()}"
