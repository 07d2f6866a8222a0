"""`mission-control open`: signs the browser in to the running host."""

from __future__ import annotations

import click
import msgspec

from mc_host.cli.session import Session


@click.command("open")
@click.option("--print", "only_print", is_flag=True, help="Print the address instead of opening it.")
@click.pass_obj
def command(session: Session, only_print: bool) -> None:
    """Open the page of the running host, signed in."""
    from mc_host.cli import api

    address = session.address()
    code = msgspec.json.decode(api.request(address, "POST", "/api/sign-in-codes", body=b"{}"))["code"]
    url = f"{address.url}/?token={code}"
    if not only_print:
        import webbrowser

        if webbrowser.open(url):
            return
    click.echo(url)
