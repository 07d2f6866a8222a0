"""`mission-control plugin install|upgrade|remove`: from a file or an address to a running plugin, and back."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mc_host.cli.session import Session

if TYPE_CHECKING:
    from mc_host.config import HostConfig
    from mc_host.install.fetch import Progress
    from mc_host.install.place import Record


@click.command("install")
@click.argument("source")
@click.option("--checksum", default="", help="SHA-256 that the executable must have.")
@click.pass_obj
def install(session: Session, source: str, checksum: str) -> None:
    """Install a plugin from SOURCE, a path or an https address; a running host starts it at once."""
    config = session.config()
    record, resource = _install(config, source, checksum)
    click.echo(f"installed {record.name} {record.version}")
    click.echo(f"  sha256    {record.checksum}")
    click.echo(f"  binary    {config.plugin_root / record.name / record.version / record.name}")
    click.echo(f"  resource  {resource}")
    if session.find_address() is None:
        click.echo("start the host with `mission-control serve`")


@click.command("upgrade")
@click.argument("name")
@click.argument("source", default="")
@click.pass_obj
def upgrade(session: Session, name: str, source: str) -> None:
    """Install the newest version of NAME from where it came from, or from SOURCE."""
    from mc_host.install.place import find_record
    from mc_wire.errors import InvalidParams

    config = session.config()
    try:
        known = find_record(config.plugin_root, name)
    except InvalidParams as exc:
        raise click.ClickException(exc.message) from exc
    if known is None:
        raise click.ClickException(f"plugin {name!r} was not installed by this command")
    record, _ = _install(config, source or known.source, "", expected_name=name)
    if record.checksum == known.checksum:
        click.echo(f"{name} {known.version} is the newest already")
    else:
        click.echo(f"{name} {known.version} → {record.version}")
        click.echo(f"  sha256  {record.checksum}")


@click.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(session: Session, name: str, yes: bool) -> None:
    """Remove an installed plugin and all its versions; a running host stops it first."""
    from mc_host.config import INSTALLED
    from mc_host.install import place
    from mc_wire.errors import OperationError

    config = session.config()
    if not yes:
        click.confirm(f"remove plugin {name} and all its versions?", abort=True)
    try:
        place.remove(config.plugin_root, config.state_dir / INSTALLED, name)
    except OperationError as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo(f"removed {name}")


def _install(config: HostConfig, source: str, checksum: str, *, expected_name: str = "") -> tuple[Record, Path]:
    """Fetch, check, start once for its manifest, and only then put it in place."""
    from mc_host.cli.inspection import inspect_binary
    from mc_host.config import INSTALLED
    from mc_host.install import place
    from mc_host.install.fetch import fetch
    from mc_wire.errors import OperationError

    config.plugin_root.mkdir(parents=True, exist_ok=True)
    # In the same filesystem, so that putting it in place is one rename.
    with tempfile.TemporaryDirectory(prefix=".install-", dir=config.plugin_root) as scratch:
        try:
            with _progress(f"fetching {source}") as progress:
                fetched = fetch(source, Path(scratch), progress)
            wanted = checksum.strip().lower().removeprefix("sha256:")
            if wanted and wanted != fetched.checksum:
                raise click.ClickException(f"checksum is {fetched.checksum}, not the given {wanted}: not installed")
            manifest = asyncio.run(inspect_binary(config, fetched.binary)).manifest
            if expected_name and manifest.name != expected_name:
                raise click.ClickException(f"{source} is plugin {manifest.name!r}, not {expected_name!r}")
            origin = source if "://" in source else str(Path(source).absolute())
            record = place.place(config.plugin_root, fetched.binary, manifest, origin, fetched.checksum)
            folder = config.state_dir / INSTALLED
            resource = folder / f"{record.name}.yaml"
            if not resource.exists():
                place.write_resource(folder, manifest, fetched.resource)
        except OperationError as exc:
            hint = f"\n{exc.hint}" if exc.hint else ""
            raise click.ClickException(f"{exc.message}{hint}") from exc
    return record, resource


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """Show a bar on a terminal once the work takes longer than a moment; say nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
