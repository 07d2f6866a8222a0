"""`mission-control plugin`: what is installed, what runs, and the nested form of the plugins' own commands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import msgspec

from mc_host.cli.install import install, remove, upgrade
from mc_host.cli.session import Session
from mc_wire.model import JSON

FOLLOW_INTERVAL_S = 0.5


class PluginGroup(click.Group):
    """The commands about plugins, and behind them one per cached plugin."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands, then the plugins."""
        own = super().list_commands(ctx)
        return [*own, *(name for name in ctx.obj.manifests().list_names() if name not in own)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name; a plugin never overrides one of ours."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        from mc_host.cli.dynamic import find_plugin_command

        return find_plugin_command(ctx.obj, cmd_name, prefix="plugin ")


@click.group("plugin", cls=PluginGroup)
def command() -> None:
    """List, inspect and call plugins."""


for _one in (install, upgrade, remove):
    command.add_command(_one)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_plugins(session: Session, as_json: bool) -> None:
    """List plugins with their state; without a running host, those that are configured."""
    from mc_host.cli import api
    from mc_host.cli.render import draw_bytes

    address = session.find_address()
    rows = _configured(session) if address is None else api.fetch_json(address, "/api/plugin-status")
    draw_bytes(msgspec.json.encode(rows), as_json=as_json)


def _configured(session: Session) -> list[dict[str, JSON]]:
    from mc_host.catalog.sources.directory import read_folders

    plugins = read_folders(session.config().config_dirs).plugins
    rows = [
        {"id": one.id, "name": one.name, "namespace": one.namespace, "source": one.spec.source, "state": "stopped"}
        for one in plugins
    ]
    return sorted(rows, key=lambda row: (row["namespace"], row["name"]))


@command.command("logs")
@click.argument("name")
@click.option("--follow", "-f", is_flag=True, help="Go on with what the plugin writes from now on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per record.")
@click.pass_obj
def show_logs(session: Session, name: str, follow: bool, as_json: bool) -> None:
    """Print the newest output of a running host's plugin."""
    from time import sleep
    from urllib.parse import quote

    from mc_host.cli import api

    path = f"/api/plugins/{quote(name, safe='')}/logs"
    shown: list[JSON] = []
    while True:
        records = api.fetch_json(session.address(), path)
        for record in _after(records, shown):
            _print_record(record, as_json=as_json)
        if not follow:
            return
        shown = records
        sleep(FOLLOW_INTERVAL_S)


def _after(records: list[JSON], shown: list[JSON]) -> list[JSON]:
    """Return the records behind the last one that was shown; all of them when that one has fallen off the end."""
    if not shown:
        return records
    last = next((at for at in reversed(range(len(records))) if records[at] == shown[-1]), -1)
    return records[last + 1 :]


def _print_record(record: dict[str, JSON], *, as_json: bool) -> None:
    from mc_host.cli.render import printable

    if as_json:
        click.echo(msgspec.json.encode(record))
    else:
        fields = " ".join(f"{key}={value}" for key, value in record.get("fields", {}).items())
        click.echo(printable(f"{record['at']} {record['level']:7} {record['message']}  {fields}".rstrip()))


@command.command("inspect")
@click.argument("binary", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--timing", is_flag=True, help="Say how long start and registration took.")
@click.option("--raw", is_flag=True, help="List the manifest's fields as they are on the wire.")
@click.pass_obj
def inspect(session: Session, binary: Path, timing: bool, raw: bool) -> None:
    """Start a plugin binary without a host behind it, and print its manifest as JSON."""
    from mc_host.install.inspection import inspect_binary, raw_fields
    from mc_wire.errors import InvalidParams

    try:
        found = asyncio.run(inspect_binary(session.config(), binary.absolute()))
    except InvalidParams as exc:
        raise click.ClickException(exc.message) from exc
    if raw:
        for line in raw_fields(found.data):
            click.echo(line)
    if timing:
        click.echo(f"handshake {found.handshake_s * 1000:.0f} ms, registered {found.registered_s * 1000:.0f} ms")
    if not raw and not timing:
        body = {"contract": found.contract.value, "manifest": msgspec.to_builtins(found.manifest)}
        click.echo(msgspec.json.format(msgspec.json.encode(body), indent=2))


@command.command("refresh-cache")
@click.argument("name", required=False)
@click.pass_obj
def refresh_cache(session: Session, name: str | None) -> None:
    """Start each configured plugin once (or just NAME) and keep its manifest for the command line."""
    from mc_host.catalog.sources.directory import read_folders
    from mc_host.install.inspection import refresh

    config = session.config()
    plugins = read_folders(config.config_dirs).plugins
    sources = {one.name: (one.spec.source or one.name, one.spec.version) for one in plugins}
    if name:
        sources = {name: sources.get(name, (name, ""))}
    for plugin, problem in asyncio.run(refresh(config, sources)).items():
        click.echo(f"{plugin}: {problem or 'cached'}", err=bool(problem))
        if problem:
            click.get_current_context().exit(1)
