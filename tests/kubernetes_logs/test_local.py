"""Local items: files that grow, rotate and shrink, folders, container logs, the journal's entries."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mc_kubernetes_logs.local.decoding import Line, decode_cri, decode_docker, decode_plain
from mc_kubernetes_logs.local.journal import decode_entry, journal_command
from mc_kubernetes_logs.local.lines import find_start
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


async def test_files_left_out_are_named_and_come_back_where_they_were(plugin: PluginHarness, tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        say(tmp_path / name, f"{name} one")
    item = add_item(plugin, "Folder", path=str(tmp_path))
    async with open_follow(plugin, item, {"backlog": -1}) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        cursor = follow.stream.render_cursor()
    for name in ("a.log", "b.log"):
        say(tmp_path / name, f"{name} two")
    hidden = f"{item.id}/b.log"
    async with open_follow(plugin, item, {"cursor": cursor, "excludeSource": hidden}) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        assert follow.texts == ["a.log two"] and follow.told("source", change="excluded", source=1)
        cursor = follow.stream.render_cursor()
    async with open_follow(plugin, item, {"cursor": cursor}) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        assert follow.texts == ["b.log two"]
    rows = await plugin.invoke("logs", {"excludeSource": [hidden]}, item_id=item.id)
    assert {row["container"] for row in rows} == {"a.log"}


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


async def test_context_of_a_file_reaches_into_rotated_and_packed_ones(plugin: PluginHarness, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    lines = [f"2026-11-22T{10 + n // 3600}:{n // 60 % 60:02}:{n % 60:02}Z INFO line {n}" for n in range(3000)]
    with gzip.open(tmp_path / "app.log.2.gz", "wt") as packed:
        packed.write("\n".join(lines[:1000]) + "\n")
    say(tmp_path / "app.log.1", *lines[1000:2000])
    say(path, *lines[2000:])
    item = add_item(plugin, "File", path=str(path))

    async def around(number: int, **more: Any) -> tuple[list[str], int, bool]:
        stamp = lines[number][:19] + ".000000000Z"
        params = {"pod": "app", "container": "app.log", "stamp": stamp, "before": 2, "after": 1, **more}
        found = await plugin.invoke("log-context", params, item_id=item.id)
        return [row[3] for row in found["rows"]], found["index"], found["complete"]

    for number in (5, 500, 1000, 1999, 2001, 2500):
        assert await around(number) == (lines[number - 2 : number + 2], 2, True)
    assert await around(1) == (lines[:3], 1, False)
    assert await around(2999) == (lines[2997:], 2, False)
    missing, index, _ = await around(700, text="another line of that second")
    assert (missing, index) == (lines[698:702], -1)
    with pytest.raises(Forbidden):
        await around(1, container="/etc/passwd")


async def test_context_tells_lines_of_one_stamp_and_of_none_apart(plugin: PluginHarness, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    say(path, "first words", "words again", "2026-11-22 10:00:00Z failed", "  at one", "  at two", "first words", "end")
    item = add_item(plugin, "File", path=str(path))
    params = {"pod": "app", "container": "app.log", "before": 1, "after": 1}
    at = "2026-11-22T10:00:00.000000000Z"
    found = await plugin.invoke("log-context", {**params, "stamp": at, "text": "  at two"}, item_id=item.id)
    assert [row[3] for row in found["rows"]] == ["  at one", "  at two", "first words"] and found["index"] == 1
    seen_at = "2027-01-01T00:00:00.000000000Z"  # a line without a stamp is told with the time at which it was seen
    for stamp in ("", seen_at):
        asked = {**params, "stamp": stamp, "text": "words again"}
        found = await plugin.invoke("log-context", asked, item_id=item.id)
        assert [row[3] for row in found["rows"]] == ["first words", "words again", "2026-11-22 10:00:00Z failed"]


def write_large(path: Path) -> None:
    """Write 42 MB, a line a second."""
    text = "x" * 400
    with path.open("w") as file:
        for n in range(100_000):
            file.write(f"2026-11-{22 + n // 86400}T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z {n} {text}\n")


@pytest.mark.parametrize("suffix", ["", ".gz"])
async def test_a_large_file_is_searched_and_taken_along_without_being_held(
    plugin: PluginHarness, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / "app.log"
    write_large(path)
    if suffix:
        (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
        path.write_text("2026-11-24T00:00:00Z the last\n")
    item = add_item(plugin, "File", path=str(path))
    tracemalloc.start()
    try:
        found = await plugin.invoke("log-download", {"grep": " (9.999 x|the last)"}, item_id=item.id)
        assert tracemalloc.get_traced_memory()[1] < 12 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert len(found["content"].splitlines()) == 10 + bool(suffix)
    found = await plugin.invoke("log-download", {"head": 2, "timestamps": False}, item_id=item.id)
    assert [line[21:23] for line in found["content"].splitlines()] == ["0 ", "1 "]


def test_context_of_a_large_file_is_looked_for_by_bisection(tmp_path: Path) -> None:
    path, older = tmp_path / "app.log", tmp_path / "app.log.1"
    write_large(path)
    say(older, "2026-11-21T00:00:00Z older")
    for wanted in (b"2026-11-23T03:00:00.000000000Z", b"2026-11-22T12:00:00.000000000Z"):
        first, start = find_start([older, path], wanted)
        with path.open("rb") as file:
            line = file.read().index(wanted[:19])
            file.seek(start - 1)
            assert file.read(6) == b"\n2026-"
        assert first == 1 and line - 7 * 1024 * 1024 < start < line - 1_000_000
    assert find_start([older, path], b"2026-11-21T01:00:00.000000000Z") == (0, 0)
    assert find_start([older, path], b"2025-11-21T01:00:00.000000000Z") == (0, 0)
    path.write_text("no stamp\n" * 10)
    assert find_start([path], b"2026-11-21T01:00:00.000000000Z") == (0, 0)


async def test_context_is_found_where_stamps_are_out_of_order(plugin: PluginHarness, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    write_large(path)
    text = path.read_text().replace("T00:00:50Z 50 ", "T20:00:00Z 50 ")
    path.write_text(text)
    item = add_item(plugin, "File", path=str(path))
    params = {"pod": "app", "container": "app.log", "stamp": "2026-11-22T20:00:00.000000000Z", "before": 1, "after": 1}
    asked = {**params, "text": "2026-11-22T20:00:00Z 50 "}
    found = await plugin.invoke("log-context", asked, item_id=item.id)
    assert [row[3][21:24] for row in found["rows"]] == ["49 ", "50 ", "51 "]


async def test_context_of_a_large_file_keeps_only_what_is_shown(plugin: PluginHarness, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    write_large(path)
    item = add_item(plugin, "File", path=str(path))
    params = {"pod": "app", "container": "app.log", "stamp": "2026-11-22T23:00:00.000000000Z", "before": 1000}
    tracemalloc.start()
    try:
        found = await plugin.invoke("log-context", params, item_id=item.id)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert found["rows"][1000][3].startswith("2026-11-22T23:00:00Z 82800 ") and found["complete"]


async def test_context_of_containers_and_the_journal(
    plugin: PluginHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = tmp_path / "x-json.log"
    rows = [{"log": f"said {n}\n", "stream": "stdout", "time": f"2026-11-22T10:00:0{n}.5Z"} for n in range(9)]
    docker.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
    item = add_item(plugin, "Container", path=str(docker))
    params = {"pod": "app", "container": docker.name, "stamp": "2026-11-22T10:00:04.500000000Z"}
    found = await plugin.invoke("log-context", {**params, "before": 1, "after": 2}, item_id=item.id)
    assert [row[3] for row in found["rows"]] == ["said 3", "said 4", "said 5", "said 6"]
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text(JOURNALCTL)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    item = add_item(plugin, "Journal", unit="ssh.service")
    for micros, wanted in ((250_000, [48, 49, 50, 51]), (0, [47, 48, 49, 50])):
        stamp = f"2026-11-22T10:00:12.{micros:06}000Z"
        asked = {"pod": "app", "container": "journal", "stamp": stamp, "before": 1, "after": 2}
        found = await plugin.invoke("log-context", asked, item_id=item.id)
        assert [row[3] for row in found["rows"]] == [f"<6>sshd: entry {n}" for n in wanted], stamp
        assert found["index"] == 1


JOURNALCTL = f"""#!{sys.executable}
import json, sys
start = 1795341600
flags = dict(arg.lstrip("-").split("=", 1) for arg in sys.argv[1:] if "=" in arg)
since, until = (float(flags.get(name, f"@{{other}}")[1:]) for name, other in (("since", 0), ("until", 9e9)))
entries = [(start + n / 4, n) for n in range(200) if since <= start + n / 4 <= until]
if flags["lines"] != "all":
    entries = entries[-int(flags["lines"]):]
for at, n in entries:
    print(json.dumps({{"__REALTIME_TIMESTAMP": str(int(at * 1e6)), "PRIORITY": "6", "SYSLOG_IDENTIFIER": "sshd",
                      "MESSAGE": f"entry {{n}}"}}))
"""
"""Speaks as journalctl does: four entries a second from 10:00:00 on."""


def test_stamps_of_plain_lines() -> None:
    assert decode_plain(b"[2026-11-22T10:00:00.25Z] x").stamp == b"2026-11-22T10:00:00.250000000Z"
    assert decode_plain(b"2026-11-22 10:00:00,5 +0200 x").stamp == b"2026-11-22T08:00:00.500000000Z"
    assert decode_plain(b"hello 2026-11-22T10:00:00Z").stamp == b" " * 30
    assert decode_plain(b"2026-99-99T10:00:00Z x").stamp == b" " * 30
    half = b"2026-11-22T10:00:00.250000000Z"
    for line in (
        b'{"level":"info","time":"2026-11-22T10:00:00.25Z","msg":"x"}',
        b'{"nested":{"time":"2020-01-01T00:00:00Z"},"@timestamp":"2026-11-22T12:00:00.25+02:00"}',
        b'{"ts":1795341600.25,"msg":"zap"}',
        b'{"time":1795341600250,"msg":"pino"}',
        b"time=2026-11-22T10:00:00.25Z level=info",
        b'ts="2026-11-22T10:00:00.25Z" msg=x',
    ):
        assert decode_plain(line) == Line(half, line), line
    for line in (b'{"time":"soon"}', b'{"time":12}', b'{"time":{"a":1}}', b"{broken", b"time=later"):
        assert decode_plain(line).stamp == b" " * 30, line
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
