"""A plugin's environment, and where its binary is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mc_host.install.layout import check_checksum, file_checksum, find_binary
from mc_host.supervisor.launch import plugin_environment
from mc_wire.errors import InvalidParams, NotFound


def environment(host: dict[str, str], **declared: object) -> dict[str, str]:
    """Return what a plugin gets."""
    return plugin_environment(host, declared, socket_dir=Path("/s"), secret="x")


def test_s5_only_the_allowlist_passes() -> None:
    kept = {"HOME": "/h", "LANG": "C", "LC_ALL": "C", "TZ": "UTC", "TMPDIR": "/t", "https_proxy": "p", "NO_PROXY": "n"}
    kept |= {"SSL_CERT_FILE": "c", "KUBECONFIG": "k", "KUBERNETES_SERVICE_HOST": "h"}
    dropped = {"PGPASSWORD": "p", "PGHOST": "h", "DB_URL": "u", "AWS_SECRET_ACCESS_KEY": "k", "PYTHONPATH": "p"}
    dropped |= {"LD_PRELOAD": "x", "PLUGIN_CLIENT_CERT": "c", "GRPC_TRACE": "all", "LC_": "x", "HOMEX": "1"}
    env = environment(kept | dropped)
    assert kept.items() <= env.items() and not set(dropped) & set(env)


def test_declared_variables_are_added_but_never_the_reserved_ones() -> None:
    env = environment({}, DEBUG=True, LIMIT=5, MISSION_CONTROL_PLUGIN="no", MISSION_CONTROL_PLUGIN_SECRET="no")
    assert (env["DEBUG"], env["LIMIT"]) == ("true", "5")
    assert env["MISSION_CONTROL_PLUGIN"] == "mission-control-plugin/v1" and env["MISSION_CONTROL_PLUGIN_SECRET"] == "x"


def test_path_begins_with_this_interpreter() -> None:
    env = environment({"PATH": "/usr/bin:/bin"})
    folders = env["PATH"].split(":")
    assert folders[0] == str(Path(sys.executable).parent) and folders[-2:] == ["/usr/bin", "/bin"]


def make(path: Path, text: str = "x", mode: int = 0o755) -> Path:
    """Write an executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("where", ["p", "p/latest", "p/latest/p", "p/p", "p/1.2.0/p"])
def test_binary_is_found_in_every_layout(tmp_path: Path, where: str) -> None:
    path = make(tmp_path / where)
    assert find_binary(tmp_path, "p") == path


def test_latest_link_leads_to_a_version(tmp_path: Path) -> None:
    path = make(tmp_path / "p/1.2.0/p")
    make(tmp_path / "p/1.3.0/p")
    (tmp_path / "p/latest").symlink_to("1.2.0")
    found = find_binary(tmp_path, "p", "latest")
    assert found.resolve() == path and found.resolve().parent.name == "1.2.0"
    assert find_binary(tmp_path, "p", "1.3.0") == tmp_path / "p/1.3.0/p"


def test_newest_version_counts_without_latest(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        make(tmp_path / "p" / version / "p")
    assert find_binary(tmp_path, "p").parent.name == "1.10.0"


def test_another_plugin_whose_name_begins_alike_is_never_started(tmp_path: Path) -> None:
    make(tmp_path / "sql-server")
    with pytest.raises(NotFound):
        find_binary(tmp_path, "sql")


def test_file_that_is_not_executable_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path / "p/latest/p", mode=0o644)
    with pytest.raises(NotFound, match='plugin "p" not found in'):
        find_binary(tmp_path, "p")
    with pytest.raises(NotFound, match='plugin "p" version 9 not found'):
        find_binary(tmp_path, "p", "9")


@pytest.mark.parametrize(
    ("name", "version"), [("../p", ""), ("", ""), ("p", "../.."), ("a/b", ""), ("..", ""), ("p", ".")]
)
def test_names_that_climb_are_refused(tmp_path: Path, name: str, version: str) -> None:
    with pytest.raises(InvalidParams):
        find_binary(tmp_path, name, version)


def test_s6_checksum(tmp_path: Path) -> None:
    path = make(tmp_path / "p")
    digest = file_checksum(path)
    check_checksum(path, digest)
    check_checksum(path, f"sha256:{digest.upper()}")
    with pytest.raises(InvalidParams, match="checksum of p is not the declared"):
        check_checksum(path, "sha256:" + "0" * 64)
