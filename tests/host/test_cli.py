"""The command line as a user runs it: its own process, with and without a running host."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest

from mc_host.address import Address
from mc_host.address import find_address as read_address
from mc_host.catalog.sources.directory import read_folders
from tests.fixtures.fix_host import DEADLINE_S, HostFolder, eventually

COMMAND = [sys.executable, "-c", "from mc_host.cli.main import main; main()"]


def test_operation_in_a_pipe_runs_in_the_plugins_own_process(tmp_path: Path) -> None:
    binary = tmp_path / "tool"
    binary.write_text("""#!/bin/sh
[ "$1 $2" = "--stdin lines" ] || exit 9
[ "$3" = '{"level":"warn"}' ] && sed 's/.*/{"line":"&"}/' && exit 3
""")
    binary.chmod(0o755)
    code = f"""
import click
from mc_host.cli.piped import run_piped
from mc_host.manifests import CachedOperation
operation = CachedOperation(name="lines", schema={{"x-widget": "log"}})
click.Command("x", callback=lambda: run_piped({str(binary)!r}, operation, {{"level": "warn"}}, as_json=False)).main([])
"""
    done = subprocess.run([sys.executable, "-c", code], input=b"one\ntwo\n", capture_output=True, check=False)
    assert (done.stdout, done.returncode) == (b"one\ntwo\n", 3), done.stderr


class Terminal:
    """Runs `mission-control` with a folder's settings."""

    def __init__(self, folder: HostFolder) -> None:
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder.root),
            "XDG_CACHE_HOME": str(folder.root / "cache"),
            "MISSION_CONTROL_STATE": str(folder.root / "state"),
            "MISSION_CONTROL_CONFIG": str(folder.config_dir),
            "MISSION_CONTROL_PLUGIN_PATH": str(folder.plugin_root),
            "MISSION_CONTROL_PORT": "0",
            "COLUMNS": "120",
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        """Start a command with its output piped."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(*COMMAND, *words, env=self.env, stdout=pipe, stderr=pipe)

    async def run(self, *words: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr of a command."""
        process = await self.start(*words)
        async with asyncio.timeout(DEADLINE_S * 2):
            out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    async def output(self, *words: str) -> str:
        """Return stdout of a command that succeeds."""
        code, out, err = await self.run(*words)
        assert code == 0, err
        return out

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
        """Run `serve` until the block ends; yields the process and the printed sign-in address."""
        process = await self.start("serve")
        assert process.stdout is not None and process.stderr is not None
        try:
            async with asyncio.timeout(DEADLINE_S):
                first = (await process.stdout.readline()).decode()
                second = (await process.stdout.readline()).decode()
            assert re.match(r"Mission Control \S+ is at http://127\.0\.0\.1:\d+/\n", first), await process.stderr.read()
            yield process, second.rpartition(" ")[2].strip()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
            async with asyncio.timeout(DEADLINE_S):
                await process.communicate()


@pytest.fixture
def terminal(folder: HostFolder) -> Terminal:
    """Return a command line over a folder with the helper and three items."""
    folder.plugin()
    folder.write("items.yaml", *(folder.item(name) for name in ("alpha", "twin", "twin")))
    folder.write("more.yaml", folder.item("twin", "Test::Other"))
    return Terminal(folder)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet is a zombie, and does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_serve_prints_its_address_answers_and_stops_on_sigint_with_exit_zero(terminal: Terminal) -> None:
    async with terminal.serving() as (process, address):
        assert re.match(r"http://127\.0\.0\.1:\d+/\?token=\S{20,}$", address)
        status = await until_running(terminal)
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(DEADLINE_S):
            assert await process.wait() == 0
        assert not os.path.exists(f"/proc/{status['pid']}")
    assert not (terminal.folder.root / "state/host.json").exists()


async def until_running(terminal: Terminal) -> dict[str, int]:
    """Return the helper's status row once it runs."""
    for _ in range(40):
        [row] = msgspec.json.decode(await terminal.output("plugin", "list", "--json"))
        if row["state"] == "running":
            found: dict[str, int] = row
            return found
    raise AssertionError("the helper does not run")


async def test_second_host_on_the_same_state_is_refused(terminal: Terminal) -> None:
    async with terminal.serving():
        code, _, err = await terminal.run("serve")
        assert code == 1 and "another host uses" in err
        port = (await terminal.output("open", "--print")).split(":")[2].split("/")[0]
        code, _, err = await terminal.run("--state", str(terminal.folder.root / "other"), "serve", "--port", port)
        assert code == 1 and f"cannot serve on port {port}" in err


async def test_operation_on_the_running_host_as_table_and_as_bytes(terminal: Terminal) -> None:
    async with terminal.serving():
        await until_running(terminal)
        words = ("helper", "echo", "--text", "hi", "--param", "port=7", "--is-loud", "--tags", "a,b", "--tags", "c")
        answer = msgspec.json.decode(await terminal.output(*words, "--json"))
        assert answer["params"] == {"text": "hi", "port": 7, "isLoud": True, "tags": ["a", "b", "c"]}
        drawn = await terminal.output(*words)
        assert "text: hi" in drawn and "├── a" in drawn
        nested = msgspec.json.decode(await terminal.output("plugin", "helper", "echo", "--text", "x", "--json"))
        assert nested["user"] == "owner"
        by_name = msgspec.json.decode(await terminal.output("helper", "sha256", "--config-id", "alpha", "--json"))
        assert by_name["name"] == "alpha"
        code, _, err = await terminal.run("helper", "sha256", "--config-id", "twin")
        assert code == 1 and '2 catalog items are named "twin"; use an id: ' in err
        code, _, err = await terminal.run("helper", "sha256", "--config-id", "nobody")
        assert code == 1 and 'no catalog item is named "nobody"' in err


async def test_server_error_is_listed_line_by_line_without_usage(terminal: Terminal) -> None:
    async with terminal.serving():
        await until_running(terminal)
        facts = '{"b":1,"a":"x"}'
        fail = ["--param", "code=invalid", "--param", "message=no", "--param", "hint=try"]
        code, out, err = await terminal.run("helper", "fail", *fail, "--param", f"facts={facts}")
    assert (code, out) == (1, "")
    assert re.sub(r":\d+: server", ":PORT: server", err) == (
        "Error: forward to http://127.0.0.1:PORT: server 400\n"
        "Code: invalid\nError: no\nHint: try\nContext:\n  a: x\n  b: 1\n"
    )


async def test_without_a_host_the_operation_runs_in_this_process(terminal: Terminal) -> None:
    await terminal.output("plugin", "refresh-cache")
    answer = msgspec.json.decode(await terminal.output("helper", "sha256", "--config-id", "alpha", "--json"))
    assert answer["name"] == "alpha"
    code, _, err = await terminal.run("helper", "fail", "--param", "code=conflict", "--param", "message=no")
    assert (code, err) == (1, "Error: plugin error: no (conflict)\n")
    lines = terminal.folder.note_lines()
    pids = [int(line.split()[1]) for line in lines if line.startswith("started")]
    await eventually(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "no plugin is left")


async def test_help_starts_no_plugin_and_is_fast(terminal: Terminal) -> None:
    await terminal.output("plugin", "refresh-cache")
    starts = len(terminal.folder.note_lines())
    times = []
    for _ in range(5):
        began = time.monotonic()
        text = await terminal.output("helper", "--help")
        times.append(time.monotonic() - began)
    assert "Version: 1.0.0" in text and f"Source: local binary ({terminal.folder.plugin_root}" in text
    assert re.search(r"Cached: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+", text)
    assert len(terminal.folder.note_lines()) == starts
    assert min(times) < 0.5  # the bar of 150 ms is bench's; this only catches a heavy import
    assert "Also available as: mission-control helper" in await terminal.output("plugin", "helper", "--help")


async def test_help_imports_nothing_heavy(terminal: Terminal) -> None:
    await terminal.output("plugin", "refresh-cache")
    probe = "import sys; from mc_host.cli.main import root; root.main(['helper','echo','-h'], standalone_mode=False);"
    probe += "print(sorted({'grpc','aiohttp','rich','yaml','asyncio','fsspec'} & set(sys.modules)))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", probe, env=terminal.env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.decode().endswith("[]\n")


async def test_operation_help_lists_parameters(terminal: Terminal) -> None:
    await terminal.output("plugin", "refresh-cache")
    text = await terminal.output("helper", "echo", "--help")
    assert "Scope: global" in text and "Parameters (pass via --param key=value):" in text
    assert "    * text (string)\n        What to say.\n" in text
    assert "      port (integer) [default: 6060]\n" in text and "* = required" in text and "--is-loud" in text


async def test_root_help_has_plugins_only_when_there_are_some(terminal: Terminal) -> None:
    before = await terminal.output("--help")
    assert "Core Commands:" in before and "Plugin Commands:" not in before
    await terminal.output("plugin", "refresh-cache")
    assert re.search(r"Plugin Commands:\n\s+helper\s+Does what tests need\.", await terminal.output("--help"))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["sha256"], '--config-id is required for config-scoped operation "sha256"'),
        (["echo"], "missing required parameter(s): text; pass with --param key=value"),
        (["echo", "--param", "text= "], "missing required parameter(s): text; pass with --param key=value"),
        (["echo", "--param", "text"], 'expected key=value, got "text"'),
        (["echo", "--text", "x", "--port", "many"], 'parameter "port" must be of type integer, got "many"'),
    ],
)
async def test_bad_call_is_refused_before_anything_starts(terminal: Terminal, words: list[str], text: str) -> None:
    await terminal.output("plugin", "refresh-cache")
    starts = len(terminal.folder.note_lines())
    code, out, err = await terminal.run("helper", *words)
    assert (code, out, err) == (1, "", f"Error: {text}\n")
    assert len(terminal.folder.note_lines()) == starts


async def test_c2_inspect_shows_manifest_fields_and_timing(terminal: Terminal) -> None:
    binary = terminal.folder.plugin_root / "helper/latest/helper"
    raw = await terminal.output("plugin", "inspect", str(binary), "--raw", "--timing")
    assert "field 8 VARINT" in raw and "field 7 LEN" in raw
    assert re.search(r"handshake \d+ ms, registered \d+ ms", raw)
    told = msgspec.json.decode(await terminal.output("plugin", "inspect", str(binary)))
    assert (told["contract"], told["manifest"]["name"]) == ("documented", "helper")


async def test_inspect_of_a_program_that_is_no_plugin(terminal: Terminal, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho hello\n")
    script.chmod(0o755)
    code, _, err = await terminal.run("plugin", "inspect", str(script))
    assert code == 1 and "Unrecognized remote plugin message: 'hello'" in err


async def test_items_and_plugins_without_a_host(terminal: Terminal) -> None:
    rows = msgspec.json.decode(await terminal.output("items", "list", "--json"))
    assert sorted(row["name"] for row in rows) == ["alpha", "twin", "twin"]
    assert "alpha" in await terminal.output("items", "list", "--type", "Test::Thing")
    assert "alpha" not in await terminal.output("items", "list", "--tag", "team=pay")
    [row] = msgspec.json.decode(await terminal.output("plugin", "list", "--json"))
    assert (row["name"], row["state"]) == ("helper", "stopped")
    assert terminal.folder.note_lines() == []
    code, _, err = await terminal.run("open")
    assert code == 1 and "no host is running" in err


async def test_open_prints_a_fresh_code_and_logs_show_output(terminal: Terminal) -> None:
    async with terminal.serving() as (_, address):
        await until_running(terminal)
        fresh = (await terminal.output("open", "--print")).strip()
        assert fresh.startswith(address.partition("token=")[0]) and fresh != address
        assert "plugin helper loading" in await terminal.output("plugin", "logs", "helper")


async def test_missing_configuration_folder_is_named(terminal: Terminal) -> None:
    code, _, err = await terminal.run("--config", "/nowhere", "items", "list")
    assert code == 1 and "configuration folder /nowhere does not exist" in err


def test_twins_of_one_file_are_one_item_and_a_problem(terminal: Terminal) -> None:
    found = read_folders([terminal.folder.config_dir])
    assert len(found.items) == 3 and len(found.problems) == 1


@pytest.mark.parametrize("has_host", [True, False])
async def test_s7_destructive_operation_asks_or_takes_yes(terminal: Terminal, has_host: bool) -> None:
    async def check() -> None:
        code, out, err = await terminal.run("helper", "erase")
        assert (code, out) == (1, "") and "helper erase is destructive; pass --yes to confirm it" in err
        assert '"params"' in await terminal.output("helper", "erase", "--yes", "--json")
        assert '"params"' in await terminal.output("helper", "switch", "--param", "dryRun=on", "--json")
        code, _, err = await terminal.run("helper", "switch", "--param", "dryRun=off")
        assert code == 1 and "pass --yes" in err
        code, _, err = await terminal.run("helper", "echo", "--text", "x", "--yes")
        assert code == 2 and "No such option" in err

    await terminal.output("plugin", "refresh-cache")
    if not has_host:
        await check()
        return
    async with terminal.serving():
        await until_running(terminal)
        await check()


async def test_damaged_signing_key_ends_the_command_with_its_reason(terminal: Terminal) -> None:
    await terminal.output("plugin", "refresh-cache")
    key = terminal.folder.root / "state" / "signing-key.pem"
    key.parent.mkdir(exist_ok=True)
    key.write_text("damaged")
    for words in (("serve",), ("helper", "echo", "--text", "x")):
        code, _, err = await terminal.run(*words)
        assert code == 1 and f"Error: {key} is not an unencrypted PEM private key" in err


async def test_host_killed_in_the_middle_of_calls_keeps_every_record_it_answered_for(terminal: Terminal) -> None:
    terminal.folder.plugin(audit=["echo"])
    await terminal.output("plugin", "refresh-cache")

    def find_address() -> Address:
        found = read_address(terminal.folder.root / "state")
        assert found is not None
        return found

    async def call(session: aiohttp.ClientSession, number: int) -> None:
        address = await asyncio.to_thread(find_address)
        path = f"{address.url}/api/plugins/helper/invoke/echo"
        headers = {"Authorization": f"Bearer {address.token}"}
        async with session.post(path, json={"text": f"call {number}"}, headers=headers) as answer:
            assert answer.status == 200
            answered.append(number)

    answered: list[int] = []
    async with aiohttp.ClientSession() as session:
        async with terminal.serving() as (process, _):
            await until_running(terminal)
            calls = [asyncio.ensure_future(call(session, number)) for number in range(200)]
            await eventually(lambda: len(answered) >= 20, "some calls are answered")
            plugin = int(terminal.folder.note_lines()[0].removeprefix("started "))
            process.kill()
            await asyncio.gather(*calls, return_exceptions=True)
            await eventually(lambda: not is_alive(plugin), "the plugin is gone", 2)
        assert 20 <= len(answered) < 200
        async with terminal.serving():
            address = await asyncio.to_thread(find_address)
            headers = {"Authorization": f"Bearer {address.token}"}
            async with session.get(f"{address.url}/api/changes", headers=headers) as answer:
                rows = await answer.json()
    kept = {row["details"]["request"]["body"]["text"] for row in rows}
    assert {f"call {number}" for number in answered} <= kept


async def test_what_takes_its_time_says_so_on_a_terminal_and_leaves_no_trace(terminal: Terminal) -> None:
    async with terminal.serving():
        await until_running(terminal)
        await terminal.output("plugin", "refresh-cache")
        main, theirs = pty.openpty()
        words = ("helper", "rest", "--param", "ms=2500", "--json")
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *words, env={**terminal.env, "TERM": "xterm"}, stdout=asyncio.subprocess.PIPE, stderr=theirs
        )
        os.close(theirs)
        shown, _ = await asyncio.gather(asyncio.to_thread(_read_all, main), process.wait())
        assert process.stdout is not None
        assert await process.stdout.read() == b'{"rested": "2500"}'
        assert b"helper rest" in shown and b"0:00:01" in shown


def _read_all(descriptor: int) -> bytes:
    found = b""
    try:
        while block := os.read(descriptor, 65536):
            found += block
    except OSError:  # the other end is closed
        pass
    os.close(descriptor)
    return found
