"""`tail --stdin`: what other programs write, with the engine of everything else."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

COMMAND = [sys.executable, "-m", "mc_kubernetes_logs", "--stdin"]
GUARDED = "from mc_sdk.guard import guard_stdout; guard_stdout(); import mc_kubernetes_logs.__main__"
LINES = b'INFO a\nERROR b\n  at x\n{"level":"warn","msg":"c"}\nlast without newline'


def run(*arguments: str, lines: bytes = LINES) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], input=lines, capture_output=True, timeout=60, check=False)


def rows(**params: Any) -> list[str]:
    """Return the messages that pass."""
    done = run("tail", json.dumps(params))
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["line"] for line in done.stdout.splitlines()]


def test_lines_pass_by_level_pattern_and_count() -> None:
    assert rows() == LINES.decode().split("\n")
    assert rows(level=">=warn")[-1] == "last without newline"  # a level that is not known hides nothing
    assert rows(level=">=warn", hideUnknown=True) == ["ERROR b", "  at x", '{"level":"warn","msg":"c"}']
    assert rows(grep="at|out", exclude="INFO") == ["  at x", "last without newline"]
    assert rows(head=2) == ["INFO a", "ERROR b"]
    kept = json.loads(run("tail", '{"grep": "msg", "fields": true}').stdout)
    assert (kept["level"], kept["fields"]) == ("warn", {"level": "warn", "msg": "c"})


def test_what_cannot_be_piped_is_named() -> None:
    assert b"put `tail -n` in front" in run("tail", '{"tailLines": 3}').stderr
    assert b"logs reads no standard input" in run("logs").stderr
    assert b"no operation 'nonsense'" in run("nonsense").stderr
    bad = run("tail", '{"grep": "("}')
    assert (bad.returncode, bad.stdout) == (1, b"") and b"grep" in bad.stderr


def test_packaged_plugin_answers_on_the_real_stdout() -> None:
    # A zipapp's bootstrap moves stdout aside before anything is imported.
    command = [sys.executable, "-c", GUARDED, "--stdin", "tail"]
    done = subprocess.run(command, input=b"INFO a", capture_output=True, timeout=60, check=False)
    assert json.loads(done.stdout)["line"] == "INFO a", done.stderr


def test_reader_that_has_seen_enough_ends_it_quietly() -> None:
    shell = f"yes 'INFO x' | {' '.join(COMMAND)} tail | head -1"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=60, check=False)
    assert json.loads(done.stdout)["line"] == "INFO x" and done.stderr == b""
