"""`mission-control plugin install|upgrade|remove`: from a file or an address to a running plugin, and back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mc_host.cli.session import Session

if TYPE_CHECKING:
    from mc_host.install.fetch import Progress
    from mc_host.install.installer import Installed


@click.command("install")
@click.argument("source")
@click.option("--checksum", default="", help="SHA-256 that the executable must have.")
@click.pass_obj
def install(session: Session, source: str, checksum: str) -> None:
    """Install a plugin from SOURCE, a path or an https address; a running host starts it at once."""
    from mc_host.connections.references import parse_declared
    from mc_host.install import installer

    config = session.config()
    done = _carry_out(
        f"fetching {source}", lambda progress: installer.install(config, source, progress, checksum=checksum)
    )
    record = done.record
    click.echo(f"installed {record.name} {record.version}")
    click.echo(f"  sha256    {record.checksum}")
    click.echo(f"  binary    {record.binary(config.plugin_root)}")
    click.echo(f"  resource  {done.resource}")
    types = done.spec.selector.get("types")
    click.echo(f"  serves    {', '.join(map(str, types)) if isinstance(types, list) else 'all items'}")
    if names := parse_declared(done.spec).names:
        click.echo(f"  may use   the items' connections: {', '.join(names)}")
    if session.find_address() is None:
        click.echo("start the host with `mission-control serve`")


@click.command("upgrade")
@click.argument("name")
@click.argument("source", default="")
@click.pass_obj
def upgrade(session: Session, name: str, source: str) -> None:
    """Install the newest version of NAME from where it came from, or from SOURCE."""
    from mc_host.install import installer

    config = session.config()
    done = _carry_out(
        f"fetching {source or name}", lambda progress: installer.upgrade(config, name, progress, source=source)
    )
    version = done.before.version if done.before else "?"
    if not done.is_changed:
        click.echo(f"{name} {version} is the newest already")
    else:
        click.echo(f"{name} {version} → {done.record.version}")
        click.echo(f"  sha256  {done.record.checksum}")


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
        session.manifests().delete(name)
    except OperationError as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo(f"removed {name}")


def _carry_out(what: str, work: Callable[[Progress], Coroutine[None, None, Installed]]) -> Installed:
    """Run an installation with a bar, its errors as this command's."""
    from mc_wire.errors import OperationError

    try:
        with _progress(what) as progress:
            return asyncio.run(work(progress))
    except OperationError as exc:
        hint = f"\n{exc.hint}" if exc.hint else ""
        raise click.ClickException(f"{exc.message}{hint}") from exc


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
