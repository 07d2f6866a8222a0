"""Completion as a real shell asks for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.test_cli import Terminal, terminal

__all__ = ["terminal"]
Ask = Callable[..., list[str]]
ASK = """
source <(mission-control completion bash)
COMP_WORDS=({words}) COMP_CWORD={position}
_mission_control_completion mission-control
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def ask(terminal: Terminal, tmp_path: Path) -> Ask:
    """Return what bash would offer for words whose last is being typed."""
    launcher = tmp_path / "bin" / "mission-control"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from mc_host.cli.main import main; main()" "$@"\n')
    launcher.chmod(0o755)
    env = {**terminal.env, "PATH": f"{launcher.parent}:{os.environ['PATH']}"}

    def answer(*words: str) -> list[str]:
        quoted = " ".join(f"'{word}'" for word in ("mission-control", *words))
        script = ASK.format(words=quoted, position=len(words))
        done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.split()

    return answer


async def test_bash_completes_commands_operations_flags_and_items(terminal: Terminal, ask: Ask) -> None:
    async with terminal.serving():
        await terminal.output("plugin", "refresh-cache")

        async def offered(*words: str) -> list[str]:
            return await asyncio.to_thread(ask, *words)

        assert {"serve", "plugin", "helper"} <= set(await offered(""))
        assert await offered("helper", "ech") == ["echo", "echo-settings"]
        assert "--is-loud" in await offered("helper", "echo", "--")
        assert await offered("helper", "echo", "--config-id", "al") == ["alpha"]
        assert await offered("completion", "f") == ["fish"]
