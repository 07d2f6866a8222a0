"""Socket folders: private, locked while used, cleared once their host is dead."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from mc_host.supervisor.socket_dirs import SocketDir, clear_abandoned


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the test's folder the temporary one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_folder_is_private_and_removed_with_its_content(temporary: Path) -> None:
    folder = SocketDir.create()
    (folder.path / "plugin").mkdir()
    assert folder.path.parent == temporary and folder.path.stat().st_mode & 0o777 == 0o700
    folder.remove()
    assert list(temporary.iterdir()) == []


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
