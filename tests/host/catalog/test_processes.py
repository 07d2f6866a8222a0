"""Processes of this machine as items: real ones of every runtime that can be started here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mc_host.catalog.items import CatalogItem, read_detail
from mc_host.catalog.sources.go_buildinfo import read_build_info
from mc_host.catalog.sources.processes import ProcessSource
from mc_host.catalog.sources.runtimes import Runtime, identify
from tests.fixtures.fix_host import HostFolder, eventually, open_client

WAIT = "import sys; print('up', flush=True); sys.stdin.read()"


@contextmanager
def running(*command: str) -> Iterator[int]:
    """Run a program that says `up` and then waits for the end of its input; yield its pid."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin and process.stdout
    try:
        assert process.stdout.readline()
        yield process.pid
    finally:
        process.send_signal(signal.SIGCONT)
        process.stdin.close()
        process.stdout.close()
        process.terminate()
        process.wait(10)


def by_pid(items: list[CatalogItem]) -> dict[int, CatalogItem]:
    return {int(str(read_detail(item).properties["pid"])): item for item in items}


def test_python_process_comes_stops_goes_on_and_goes(tmp_path: Path) -> None:
    script = tmp_path / "billing.py"
    script.write_text(WAIT)
    source = ProcessSource()
    with running(sys.executable, "-X", "dev", str(script), "--password=hunter2") as pid:
        item = by_pid(source.look()[0])[pid]
        assert (item.name, item.type, item.health, item.status) == (
            "billing.py",
            "Host::Process::Python",
            "healthy",
            "running",
        )
        assert b"hunter2" not in item.detail
        assert "hunter2" not in str(read_detail(item))
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
        [stopped] = [one for one in source.look()[0] if one.id == item.id]
        assert (stopped.status, stopped.health) == ("stopped", "warning")
        os.kill(pid, signal.SIGCONT)
    assert item.id in source.look()[1]


def test_id_is_the_same_for_another_look_and_another_for_another_process() -> None:
    with running(sys.executable, "-c", WAIT) as first, running(sys.executable, "-c", WAIT) as second:
        once, again = by_pid(ProcessSource().look()[0]), by_pid(ProcessSource().look()[0])
        assert once[first].id == again[first].id
        assert once[first].id != once[second].id


def test_go_program_is_known_by_its_build_information(go_peers: Path) -> None:
    info = read_build_info(go_peers / "goplugin")
    assert info is not None
    assert info.main_path == "missioncontrol.test/peers/goplugin"
    assert info.go_version[:2] == "1."
    program = identify(str(go_peers / "goplugin"), ["goplugin"], go_peers / "goplugin")
    assert program is not None
    assert (program.runtime, program.name) == (Runtime.GO, "goplugin")


@pytest.mark.skipif(not shutil.which("java"), reason="no JVM on this machine")
def test_jvm_is_known_and_called_by_its_main_class(tmp_path: Path) -> None:
    source = tmp_path / "Orders.java"
    source.write_text(
        'public class Orders { public static void main(String[] a) throws Exception { System.out.println("up");'
        " System.in.read(); } }"
    )
    with running("java", "-Xmx32m", str(source)) as pid:
        item = by_pid(ProcessSource().look()[0])[pid]
    assert item.type == "Host::Process::JVM"


@pytest.mark.skipif(not shutil.which("node"), reason="no Node on this machine")
def test_node_process_is_known_and_called_by_its_script(tmp_path: Path) -> None:
    script = tmp_path / "shop" / "server.js"
    script.parent.mkdir()
    script.write_text("console.log('up'); process.stdin.resume()")
    with running("node", str(script)) as pid:
        item = by_pid(ProcessSource().look()[0])[pid]
    assert (item.name, item.type) == ("shop", "Host::Process::Node")


@pytest.mark.parametrize(
    ("executable", "arguments", "runtime", "name"),
    [
        ("/usr/bin/python3.11", ["python3", "-m", "http.server", "80"], Runtime.PYTHON, "http.server"),
        ("/usr/bin/python3.11", ["python3", "-c", "secret code"], Runtime.PYTHON, "-c"),
        ("/usr/bin/python3", ["python3", "-W", "error", "/srv/app/__main__.py"], Runtime.PYTHON, "app"),
        ("/usr/bin/python3", ["python3"], Runtime.PYTHON, "python3"),
        ("/opt/jdk/bin/java", ["java", "-Xmx1g", "-cp", "a:b", "org.shop.Main", "x"], Runtime.JVM, "Main"),
        ("/opt/jdk/bin/java", ["java", "-jar", "/srv/orders-1.2.jar"], Runtime.JVM, "orders-1.2.jar"),
        ("/usr/bin/node", ["node", "--require", "./trace.js", "/srv/api.js"], Runtime.NODE, "api.js"),
        ("/usr/bin/node (deleted)", ["node", "api.js"], Runtime.NODE, "api.js"),
    ],
)
def test_programs_are_told_by_executable_and_command_line(
    tmp_path: Path, executable: str, arguments: list[str], runtime: Runtime, name: str
) -> None:
    program = identify(executable, arguments, tmp_path / "absent")
    assert program is not None
    assert (program.runtime, program.name) == (runtime, name)


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF\x02\x01" + b"\xff" * 200, b"\x7fELF\x01\x01"])
def test_files_that_are_not_go_are_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "program"
    path.write_bytes(content)
    assert read_build_info(path) is None
    assert identify("/usr/bin/program", ["program"], path) is None


async def test_machine_is_in_the_catalog_of_a_host_that_shows_it(folder: HostFolder) -> None:
    with running(sys.executable, "-c", WAIT) as pid:
        async with open_client(folder.config(is_machine_shown=True)) as client:

            def found() -> bool:
                items = client.host.catalog.list_page(lambda item: item.type == "Host::Process::Python").items
                return pid in by_pid(items)

            await eventually(found, "the process is an item")
