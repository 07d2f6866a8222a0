"""Plugins installed, upgraded and removed from the command line, with a host running or not."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import shutil
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from mc_host.cli.main import root
from mc_host.install.fetch import fetch
from mc_host.install.place import version_folder
from mc_wire.errors import InvalidParams, NotFound
from tests.fixtures.fix_host import HELPER, HostFolder, eventually, open_client


class Machine:
    """A user's machine: home, plugin folder, and files to install from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plugins = folder / "plugins"
        self.offered = folder / "offered"
        self.offered.mkdir(parents=True)
        self.env = {
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "MISSION_CONTROL_STATE": str(folder / "state"),
            "MISSION_CONTROL_PLUGIN_PATH": str(self.plugins),
        }

    def offer(self, name: str, version: str) -> Path:
        """Write a plugin's executable to install from."""
        path = self.offered / name
        path.write_text(
            f"#!/bin/sh\nexport HELPER_NAME={name} HELPER_VERSION={version}\nexec {sys.executable} {HELPER}\n"
        )
        path.chmod(0o755)
        return path

    def run(self, *arguments: str) -> Result:
        """Run the command line."""
        return CliRunner().invoke(root, ["plugin", *arguments], env=self.env, catch_exceptions=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "home")


@pytest.fixture
def website(machine: Machine) -> Iterator[str]:
    """The address under which the offered files are served."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(machine.offered)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_install_puts_binary_record_and_resource_in_place_and_shows_the_checksum(machine: Machine) -> None:
    offered = machine.offer("tool", "1.2.0")
    checksum = hashlib.sha256(offered.read_bytes()).hexdigest()
    done = machine.run("install", str(offered))
    assert done.exit_code == 0, done.output
    assert "installed tool 1.2.0" in done.output
    assert checksum in done.output
    assert (machine.plugins / "tool" / "latest").resolve() == machine.plugins / "tool" / "1.2.0"
    assert (machine.plugins / "tool" / "latest" / "tool").read_bytes() == offered.read_bytes()
    record = json.loads((machine.plugins / "tool" / "1.2.0" / "install.json").read_text())
    assert (record["checksum"], record["source"]) == (checksum, str(offered))
    assert "source: tool" in (machine.folder / "state" / "plugins" / "tool.yaml").read_text()
    assert list(machine.plugins.glob(".install-*")) == []
    described = CliRunner().invoke(root, ["tool", "--help"], env=machine.env)
    assert "Version: 1.2.0" in described.output and "changed since" not in described.output


def test_upgrade_follows_its_source_and_remove_leaves_nothing(machine: Machine) -> None:
    machine.offer("tool", "1.2.0")
    machine.run("install", str(machine.offered / "tool"))
    assert "is the newest already" in machine.run("upgrade", "tool").output
    machine.offer("tool", "1.3.0")
    assert "tool 1.2.0 → 1.3.0" in machine.run("upgrade", "tool").output
    assert (machine.plugins / "tool" / "latest").resolve().name == "1.3.0"
    assert machine.run("remove", "tool", "--yes").exit_code == 0
    assert not (machine.plugins / "tool").exists()
    assert "No such command" in CliRunner().invoke(root, ["tool", "--help"], env=machine.env).output
    assert not (machine.folder / "state" / "plugins" / "tool.yaml").exists()
    assert "was not installed by this command" in machine.run("remove", "tool", "--yes").output


def test_install_from_an_address_and_from_a_release_archive(machine: Machine, website: str) -> None:
    machine.offer("tool", "1.0.0")
    assert machine.run("install", f"{website}/tool").exit_code == 0
    folder = machine.offered / "tool_v2.0.0_linux_amd64"
    folder.mkdir()
    shutil.move(machine.offer("tool", "2.0.0"), folder / "tool_mc_plugin")
    (folder / "Plugin.yaml").write_text('kind: Plugin\nspec: {source: tool-mc-plugin, selector: {types: ["A::B"]}}\n')
    with tarfile.open(machine.offered / "tool.tar.gz", "w:gz") as archive:
        archive.add(folder, arcname=folder.name)
    (machine.folder / "state" / "plugins" / "tool.yaml").unlink()
    done = machine.run("install", f"{website}/tool.tar.gz")
    assert done.exit_code == 0, done.output
    assert "installed tool 2.0.0" in done.output
    resource = (machine.folder / "state" / "plugins" / "tool.yaml").read_text()
    assert "A::B" in resource
    assert "source: tool\n" in resource


def test_install_takes_selector_and_connections_from_inside_a_zipapp(machine: Machine) -> None:
    offered = machine.offer("tool", "1.0.0")
    shipped = """kind: Plugin
spec: {source: other, version: 0.9.0, selector: {types: ["A::B"]}, connections: {kubernetes: {}}}
---
kind: Permission
spec: {subjects: ["*"], actions: ["*"]}
"""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("Plugin.yaml", shipped)
    offered.write_bytes(offered.read_bytes() + b"exit\n" + archive.getvalue())
    done = machine.run("install", str(offered))
    assert done.exit_code == 0, done.output
    assert "serves    A::B" in done.output and "connections: kubernetes" in done.output
    resource = yaml.safe_load((machine.folder / "state" / "plugins" / "tool.yaml").read_text())
    assert resource["spec"] == {"source": "tool", "selector": {"types": ["A::B"]}, "connections": {"kubernetes": {}}}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["install", "{offered}/absent"], "no such file"),
        (["install", "{offered}"], "is a folder"),
        (["install", "{offered}/text"], "neither an executable nor an archive"),
        (["install", "http://example.org/tool"], "use https"),
        (["install", "{website}/absent"], "nothing is at"),
        (["install", "http://127.0.0.1:1/tool"], "cannot fetch"),
        (["install", "{offered}/tool", "--checksum", "sha256:00"], "not the given 00: not installed"),
        (["install", "{offered}/broken"], "plugin"),
        (["upgrade", "tool"], "was not installed by this command"),
        (["upgrade", "../tool"], "cannot be a plugin's name"),
    ],
)
def test_what_cannot_be_installed_says_why_and_leaves_nothing(
    machine: Machine, website: str, arguments: list[str], text: str
) -> None:
    machine.offer("tool", "1.0.0")
    (machine.offered / "text").write_text("hello")
    broken = machine.offered / "broken"
    broken.write_text("#!/bin/sh\necho hello\n")
    words = [word.replace("{offered}", str(machine.offered)).replace("{website}", website) for word in arguments]
    done = machine.run(*words)
    assert done.exit_code == 1
    assert text in done.output
    assert not machine.plugins.exists() or list(machine.plugins.iterdir()) == []


def test_archive_that_climbs_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        archive.add(program, arcname="../../evil")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises((InvalidParams, NotFound, tarfile.FilterError)):
        fetch(str(tmp_path / "evil.tar.gz"), scratch, lambda done, total: None)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("version", "folder"),
    [("1.2.3", "1.2.3"), ("1.2.3+ab12 built 2026-05-03", "1.2.3+ab12"), ("../../etc", "-..-etc"), ("v1/2", "v1-2")],
)
def test_version_folder_is_one_safe_name(version: str, folder: str) -> None:
    assert version_folder(version) == folder


async def test_running_host_starts_what_is_installed_and_stops_what_is_removed(
    folder: HostFolder, tmp_path: Path
) -> None:
    machine = Machine(tmp_path / "home")
    machine.env["MISSION_CONTROL_STATE"] = str(folder.root / "state")
    machine.plugins = folder.plugin_root
    machine.env["MISSION_CONTROL_PLUGIN_PATH"] = str(folder.plugin_root)
    config = folder.config(config_dirs=(folder.config_dir, folder.root / "state" / "plugins"))
    async with open_client(config) as client:
        import asyncio

        done = await asyncio.to_thread(machine.run, "install", str(machine.offer("tool", "1.0.0")))
        assert done.exit_code == 0, done.output
        await eventually(lambda: client.host.registry.find("tool"), "the host knows it")
        await client.reaches("running", "tool")
        await asyncio.to_thread(machine.run, "remove", "tool", "--yes")
        await eventually(lambda: client.host.registry.find("tool") is None, "the host forgot it")


async def test_plugin_is_upgraded_over_http_from_where_it_came(machine: Machine, folder: HostFolder) -> None:
    offered = machine.offer("tool", "1.0.0")
    installed = folder.root / "state" / "plugins"
    env = {"MISSION_CONTROL_STATE": str(folder.root / "state"), "MISSION_CONTROL_PLUGIN_PATH": str(folder.plugin_root)}
    machine.env |= env
    done = await asyncio.to_thread(machine.run, "install", str(offered))
    assert done.exit_code == 0, done.output
    async with open_client(folder.config(config_dirs=(folder.config_dir, installed))) as client:
        await client.reaches("running", "tool")
        [row] = await client.get("/api/plugin-status")
        assert (row["version"], row["installedFrom"]) == ("1.0.0", str(offered))
        path = "/api/plugins/tool/upgrade"
        status, _, body = await client.request("POST", path)
        assert (status, json.loads(body)["restarted"]) == (200, False)
        machine.offer("tool", "1.1.0")
        status, _, body = await client.request("POST", path)
        answer = json.loads(body)
        assert status == 200 and answer["restarted"] and answer["installedPath"].endswith("/tool/1.1.0/tool")
        assert (answer["previousVersion"], answer["resolvedVersion"]) == ("1.0.0", "1.1.0")
        registry = client.host.registry
        await eventually(
            lambda: (found := registry.get("tool").manifest) and found.version == "1.1.0", "the new one runs"
        )
        machine.offer("other", "2.0.0").rename(offered)
        status, _, body = await client.request("POST", path)
        assert status == 400 and "is plugin 'other', not 'tool'" in json.loads(body)["error"]
        assert (await client.request("POST", path, signed_in=False))[0] == 401


async def test_plugin_that_names_its_version_is_not_upgraded(folder: HostFolder) -> None:
    folder.plugin(version="latest2")
    async with open_client(folder.config()) as client:
        status, _, body = await client.request("POST", "/api/plugins/helper/upgrade")
        assert status == 400 and "spec.version" in json.loads(body)["hint"]
