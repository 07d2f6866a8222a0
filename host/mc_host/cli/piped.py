"""Runs an operation of a plugin in a pipe: standard input to the plugin's own process, its answer drawn here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import click
import msgspec

from mc_host.cli.follow import follow
from mc_host.manifests import CachedOperation
from mc_wire import handshake
from mc_wire.model import JSON


def run_piped(binary: str, operation: CachedOperation, params: dict[str, JSON], *, as_json: bool) -> None:
    """Draw what the plugin's process answers for standard input; ends with its exit code."""
    if not binary or not Path(binary).is_file():
        raise click.ClickException("the plugin's executable is not on this machine, so it cannot read standard input")
    env = {name: value for name, value in os.environ.items() if name != handshake.COOKIE_NAME}
    command = [binary, "--stdin", operation.name, msgspec.json.encode(params).decode()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout
        try:
            follow(process.stdout, as_json=as_json, widget=str(operation.schema.get("x-widget", "")))
        except BrokenPipeError:
            process.terminate()
    if process.returncode > 0:
        click.get_current_context().exit(process.returncode)
