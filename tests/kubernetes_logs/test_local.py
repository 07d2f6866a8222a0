"""Local items: files that grow, rotate and shrink, folders, container logs, the journal's entries."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mc_kubernetes_logs.local.decoding import decode_cri, decode_docker, decode_plain
from mc_kubernetes_logs.local.journal import decode_entry, journal_command
from mc_kubernetes_logs.plugin import KubernetesLogsPlugin
from mc_sdk import Forbidden, InvalidParams, Item, NotFound
from mc_sdk.testing import FakeHost, PluginHarness
from tests.fixtures.fix_host import eventually
from tests.kubernetes_logs.follow import open_follow


@pytest.fixture
async def plugin() -> AsyncIterator[PluginHarness]:
    async with PluginHarness(KubernetesLogsPlugin(), host=FakeHost()) as opened:
        yield opened


def add_item(plugin: PluginHarness, kind: str, **properties: Any) -> Item:
    item = Item(id=str(uuid4()), name="app", type=f"Local::{kind}", properties=properties)
    plugin.host.items[item.id] = item
    return item


def say(path: Path, *texts: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{text}\n" for text in texts)


async def test_file_is_followed_through_growth_rotation_and_truncation(plugin: PluginHarness, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    say(path, *(f"2026-11-22 10:00:0{n} INFO line {n}" for n in range(5)))
    item = add_item(plugin, "File", path=str(path))
    async with open_follow(plugin, item, {"backlog": 2}) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        say(path, "more")
        await follow.read(lambda f: len(f.rows) == 3)
        say(path, "last of the old")
        path.rename(tmp_path / "app.log.1")
        say(path, "first of the new")
        await follow.read(lambda f: len(f.rows) == 5)
        path.write_text("")
        position = follow.stream.readings[0].position
        await eventually(lambda: position().stamp.startswith(b"1970-01-01T00:00:00.000000000"), "the file is read anew")
        say(path, "after truncation")
        await follow.read(lambda f: len(f.rows) == 6)
        assert follow.texts[2:] == ["more", "last of the old", "first of the new", "after truncation"]
        assert follow.rows[0][2] == "i" and follow.rows[0][1].startswith("2026-11-22T")


async def test_history_has_rotated_and_packed_files_in_order(plugin: PluginHarness, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    with gzip.open(tmp_path / "app.log.2.gz", "wt") as packed:
        packed.write("one\n")
    say(tmp_path / "app.log.1", "two")
    say(path, "three")
    item = add_item(plugin, "File", path=str(path))
    found = await plugin.invoke("log-download", {"timestamps": False}, item_id=item.id)
    assert found["content"] == "one\ntwo\nthree\n"
    async with open_follow(plugin, item, {"backlog": -1}) as follow:
        await follow.read(lambda f: len(f.rows) == 3)
        assert follow.texts == ["one", "two", "three"]


async def test_cursor_goes_on_in_a_file_that_was_rotated_meanwhile(plugin: PluginHarness, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    say(path, "one", "two")
    item = add_item(plugin, "File", path=str(path))
    async with open_follow(plugin, item, {"backlog": -1}) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        cursor = follow.stream.render_cursor()
    say(path, "three")
    path.rename(tmp_path / "app.log.1")
    say(path, "four")
    async with open_follow(plugin, item, {"cursor": cursor}) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        assert follow.texts == ["three", "four"] and not follow.told("gap")


async def test_a15_scope_folder_shows_its_own_files_only(plugin: PluginHarness, tmp_path: Path) -> None:
    folder, outside = tmp_path / "logs", tmp_path / "secret.log"
    folder.mkdir()
    say(outside, "secret")
    say(folder / "a.log", "from a")
    say(folder / "b.log", "from b")
    say(folder / "b.txt", "no log")
    (folder / "link.log").symlink_to(outside)
    item = add_item(plugin, "Folder", path=str(folder))
    rows = await plugin.invoke("logs", {"path": str(outside)}, item_id=item.id)
    assert [(row["container"], row["line"]) for row in rows] == [("a.log", "from a"), ("b.log", "from b")]
    [shown] = await plugin.invoke("containers", {"container": "b.log"}, item_id=item.id)
    assert {one["name"] for one in shown["containers"]} == {"a.log", "b.log"}
    async with open_follow(plugin, item, {"backlog": -1, "container": "b.log"}) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        assert follow.texts == ["from b"]


async def test_path_must_be_absolute_and_there(plugin: PluginHarness, tmp_path: Path) -> None:
    for path, error in (("relative.log", InvalidParams), ("", InvalidParams), (str(tmp_path / "none"), NotFound)):
        item = add_item(plugin, "File", path=path)
        with pytest.raises(error):
            await plugin.invoke("logs", item_id=item.id)
    assert issubclass(Forbidden, Exception)


async def test_container_logs_of_docker_and_of_the_kubelet(plugin: PluginHarness, tmp_path: Path) -> None:
    docker = tmp_path / "x-json.log"
    said = {"log": "hello\n", "stream": "stderr", "time": "2026-11-22T10:00:00.5Z"}
    docker.write_text(json.dumps(said, separators=(",", ":")) + "\n")
    item = add_item(plugin, "Container", path=str(docker))
    async with open_follow(plugin, item, {"backlog": -1}) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        assert follow.rows[0][1:4] == ["2026-11-22T10:00:00.500000000Z", "u", "hello"]
        assert follow.rows[0][4]["stream"] == "stderr"
    cri = tmp_path / "0.log"
    cri.write_text("2026-11-22T10:00:00.1Z stdout P part \n2026-11-22T10:00:00.2Z stdout F whole\n")
    item = add_item(plugin, "Container", path=str(cri))
    rows = await plugin.invoke("logs", item_id=item.id)
    assert [row["line"] for row in rows] == ["part whole"]


def test_stamps_of_plain_lines() -> None:
    assert decode_plain(b"[2026-11-22T10:00:00.25Z] x").stamp == b"2026-11-22T10:00:00.250000000Z"
    assert decode_plain(b"2026-11-22 10:00:00,5 +0200 x").stamp == b"2026-11-22T08:00:00.500000000Z"
    assert decode_plain(b"hello 2026-11-22T10:00:00Z").stamp == b" " * 30
    assert decode_plain(b"2026-99-99T10:00:00Z x").stamp == b" " * 30
    assert not decode_cri(b"plain").stream and not decode_docker(b"{broken").stream


def test_journal_entries_and_command() -> None:
    raw = {"__REALTIME_TIMESTAMP": "1795341600123456", "PRIORITY": "3", "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": "no"}
    entry = decode_entry(json.dumps(raw).encode())
    assert entry is not None and entry[0].endswith(b".123456000Z <3>sshd: no")
    assert decode_entry(b"{") is None
    try:
        command = journal_command({"unit": "ssh.service"}, tail_lines=5, is_following=True)
    except NotFound:
        return  # this machine has no journal
    assert "--unit=ssh.service" in command and command[-1] == "--follow"
    with pytest.raises(InvalidParams):
        journal_command({"unit": "--file=/etc/shadow"}, tail_lines=5, is_following=False)
