"""Socket folders: private, locked while used, cleared once their host is dead."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mc_host.supervisor.socket_dirs import SocketDir, check_owner, clear_abandoned
from mc_wire.handshake import HandshakeError


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a folder with a short path the temporary one."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_folder_is_private_and_removed_with_its_content(temporary: Path) -> None:
    folder = SocketDir.create()
    (folder.path / "plugin").mkdir()
    assert folder.path.parent == temporary and folder.path.stat().st_mode & 0o777 == 0o700
    folder.remove()
    assert list(temporary.iterdir()) == []


def test_temporary_folder_too_long_for_sockets_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 60)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    folder = SocketDir.create()
    assert folder.path.parent == Path("/tmp")
    folder.remove()


def test_only_old_unlocked_folders_are_cleared(temporary: Path) -> None:
    living, dead, young = SocketDir.create(), SocketDir.create(), SocketDir.create()
    foreign = temporary / "mc-sockets-foreign"
    foreign.mkdir()
    for one in (dead, young):
        os.close(one.descriptor)  # what the kernel does when a host dies
    for path in (living.path, dead.path, foreign):
        os.utime(path, (1, 1))
    assert clear_abandoned() == 1
    assert sorted(temporary.iterdir()) == sorted([living.path, young.path, foreign])
    living.remove()


def test_socket_of_another_user_and_a_file_are_not_dialled(temporary: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        path = temporary / "s"
        listener.bind(str(path))
        check_owner(str(path))
        plain = temporary / "file"
        plain.touch()
        with pytest.raises(HandshakeError, match="not a socket of this user"):
            check_owner(str(plain))
        if os.geteuid() == 0:  # only root can give a socket away
            os.chown(path, 65534, -1)
            with pytest.raises(HandshakeError, match="not a socket of this user"):
                check_owner(str(path))
