"""The root command: built-in commands, and one per plugin whose manifest is cached."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from mc_host import VERSION
from mc_host.cli.session import Session

_BUILT_IN = {"serve": "serve", "open": "open_page", "plugin": "plugin", "items": "items", "completion": "completion"}


class RootGroup(click.Group):
    """Finds commands lazily, so that help costs no more than its text."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return built-in commands, then cached plugins."""
        return [*_BUILT_IN, *self._plugins(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name; a plugin never overrides a built-in one."""
        if cmd_name in _BUILT_IN:
            from importlib import import_module

            command: click.Command = import_module(f"mc_host.cli.{_BUILT_IN[cmd_name]}").command
            return command
        from mc_host.cli.dynamic import find_plugin_command

        return find_plugin_command(_session(ctx), cmd_name, prefix="")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the two sections; the second only when there are plugins."""
        sections = (("Core Commands", list(_BUILT_IN)), ("Plugin Commands", self._plugins(ctx)))
        for title, names in sections:
            rows = []
            for name in names:
                command = self.get_command(ctx, name)
                if command is not None:
                    rows.append((name, command.get_short_help_str(80)))
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _plugins(self, ctx: click.Context) -> list[str]:
        return [name for name in _session(ctx).manifests().list_names() if name not in _BUILT_IN]


def _session(ctx: click.Context) -> Session:
    if ctx.obj is None:
        ctx.obj = Session(
            state_dir=ctx.params.get("state"), config_dirs=tuple(ctx.params.get("config_dirs") or ()), port=None
        )
    session: Session = ctx.obj
    return session


@click.group(cls=RootGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="mission-control")
@click.option("--state", type=click.Path(path_type=Path), help="State folder of the host.")
@click.option(
    "--config",
    "config_dirs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder of YAML files (plugins, connections, items); repeatable.",
)
@click.pass_context
def root(ctx: click.Context, state: Path | None, config_dirs: tuple[Path, ...]) -> None:
    """Mission Control: plugins on catalog items, in the browser and in the terminal."""
    _session(ctx)


def main() -> None:
    """Run the command line; a reader that leaves early (`| head`) is not an error."""
    try:
        root.main(prog_name="mission-control")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
