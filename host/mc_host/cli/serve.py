"""`mission-control serve`: runs the host until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path

import click
import msgspec

from mc_host.cli.session import Session
from mc_host.config import HostConfig


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), help="Port on 127.0.0.1; 0 takes a free one. Default 7070.")
@click.option("--state", type=click.Path(path_type=Path), help="State folder of the host.")
@click.option("--config", "config_dirs", multiple=True, type=click.Path(path_type=Path), help="Folder of YAML files.")
@click.option("--signing-private-key", type=click.Path(path_type=Path), help="PEM file; signs invocation tokens.")
@click.option("--automtls", is_flag=True, help="Ask the plugins it starts for mutual TLS on their sockets.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option("--verbose", is_flag=True, help="Log debug records too.")
@click.pass_obj
def command(
    session: Session,
    port: int | None,
    state: Path | None,
    config_dirs: tuple[Path, ...],
    signing_private_key: Path | None,
    automtls: bool,
    open_browser: bool,
    verbose: bool,
) -> None:
    """Run the host with its page and API on loopback."""
    from mc_host.address import AlreadyRunning
    from mc_host.logs import setup_logging
    from mc_host.signing import KeyFileError
    from mc_host.state.database import StateError
    from mc_wire.errors import InvalidParams

    config = session.with_flags(
        state=state, config_dirs=config_dirs, port=port, signing_private_key=signing_private_key
    ).config()
    if automtls:
        config = msgspec.structs.replace(config, is_automtls=True)
    setup_logging(logging.DEBUG if verbose else logging.INFO)
    try:
        asyncio.run(_serve(config, open_browser=open_browser))
    except (AlreadyRunning, KeyFileError, StateError, InvalidParams) as exc:
        raise click.ClickException(str(exc)) from exc
    except OSError as exc:
        raise click.ClickException(f"cannot serve on port {config.port}: {exc.strerror or exc}") from exc


async def _serve(config: HostConfig, *, open_browser: bool) -> None:
    from mc_host.app import open_server
    from mc_wire.allocator import keep_freed_blocks

    keep_freed_blocks()  # the gateway hands on streams of any size
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with open_server(config) as (host, url):
        address = f"{url}/?token={host.tokens.create_code()}"
        print(f"Mission Control {config.version} is at {url}/", flush=True)
        print(f"Sign in once with this address: {address}", flush=True)
        if open_browser:
            import webbrowser

            await asyncio.to_thread(webbrowser.open, address)
        await stop.wait()
        print("stopping", flush=True)
