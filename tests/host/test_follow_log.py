"""A log in the terminal: one line each, coloured by source, what happened beside it on stderr."""

from __future__ import annotations

import click
import msgspec
import pytest

from mc_host.cli.dispatch import exit_as_told
from mc_host.cli.follow import follow
from mc_host.cli.follow_log import WIDGET
from mc_host.manifests import CachedOperation

ROWS = [
    {"type": "meta", "protocol": 1},
    {"pod": "cart-1", "container": "main", "line": "ready", "level": "info", "timestamp": "2026-01-01T00:00:00Z"},
    {"type": "gap", "cause": "rotated", "pod": "cart-1", "text": "12 lines are gone"},
    {"pod": "cart-2", "container": "main", "line": "bad\x1b[2Jthing", "level": "error"},
    {"type": "end", "reason": "until"},
]


def test_rows_go_to_stdout_and_events_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    follow(map(msgspec.json.encode, ROWS), as_json=False, widget=WIDGET)
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "cart-1 main ready"
    assert shown.out.splitlines()[1].startswith("cart-2 main bad") and "\x1b[2J" not in shown.out
    assert shown.err.splitlines() == ["── gap rotated cart-1: 12 lines are gone"]


def test_error_at_the_end_ends_the_command() -> None:
    with pytest.raises(click.ClickException, match=r"gone \(not_found\)"):
        follow([b'{"error":"gone","code":"not_found"}'], as_json=False, widget=WIDGET)


@pytest.mark.parametrize(("result", "code"), [(b'{"exit":2}', 2), (b'{"exit":0}', 0), (b'{"exit":"2"}', 0), (b"[]", 0)])
def test_result_tells_the_exit_status(result: bytes, code: int) -> None:
    @click.command
    def command() -> None:
        exit_as_told(CachedOperation(name="o", schema={"x-exit": "exit"}), result)

    with pytest.raises(SystemExit) as ended:
        command.main([], standalone_mode=True)
    assert ended.value.code == code
