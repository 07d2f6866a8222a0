"""Private folders for the sockets of one plugin and its host; those of a killed host are cleared by the next one."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mc_wire.handshake import HandshakeError

_PREFIX = "mc-sockets-"
_LOCK = ".lock"
_SHORT = "/tmp"
_MAX_PARENT_CHARS = 48  # the plugin's own folder and socket come behind it, and 104 characters are all there may be
_YOUNG_S = 60.0  # a folder this new may not be locked yet


@dataclass(frozen=True)
class SocketDir:
    """A folder only this user can enter, locked for as long as it is used; its path is short, as sockets need."""

    path: Path
    descriptor: int

    @classmethod
    def create(cls) -> SocketDir:
        """Make one in the temporary folder, or where that is too long a path in one that is not."""
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_parent()))
        descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return cls(path, descriptor)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.descriptor)


def _parent() -> str:
    given = tempfile.gettempdir()
    return given if len(given) <= _MAX_PARENT_CHARS or not os.access(_SHORT, os.W_OK) else _SHORT


def check_owner(path: str) -> None:
    """Refuse a socket that somebody else listens on, or that is none. Raises: HandshakeError."""
    try:
        info = os.stat(path)
    except (OSError, ValueError) as exc:
        raise HandshakeError(f"the plugin says that it listens on {path!r}, but {exc}") from exc
    if not stat.S_ISSOCK(info.st_mode) or info.st_uid != os.geteuid():
        raise HandshakeError(f"{path} is not a socket of this user, so this host does not talk to it")


def clear_abandoned() -> int:
    """Delete folders whose host was killed; returns how many. The kernel lets go of a dead process' lock."""
    cleared = 0
    for path in Path(_parent()).glob(f"{_PREFIX}*"):
        try:
            info = path.lstat()
            if info.st_uid != os.geteuid() or time.time() - info.st_mtime < _YOUNG_S or path.is_symlink():
                continue
            descriptor = os.open(path / _LOCK, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
            cleared += 1
        except BlockingIOError:
            pass  # its host lives
        finally:
            os.close(descriptor)
    return cleared
