"""`mission-control items`: the catalog in the terminal."""

from __future__ import annotations

import asyncio

import click
import msgspec

from mc_host.cli.session import Session
from mc_wire.model import JSON


@click.group("items")
def command() -> None:
    """Look at catalog items."""


@command.command("list")
@click.option("--search", default="", help="Words that occur in name, type, labels or tags.")
@click.option("--type", "kind", default="", help="Type, with * as in PostgreSQL::*.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_items(session: Session, search: str, kind: str, as_json: bool) -> None:
    """List items of the running host, else of the configured folders."""
    from mc_host.cli import api
    from mc_host.cli.render import draw_bytes

    address = session.find_address()
    if address is None:
        rows = asyncio.run(_read_items(session, search, kind))
    else:
        rows = api.fetch_json(address, "/api/catalog/items", search=search, type=kind, limit="1000")["items"]
    draw_bytes(msgspec.json.encode(rows), as_json=as_json)


async def _read_items(session: Session, search: str, kind: str) -> list[dict[str, JSON]]:
    from mc_host.app import open_host
    from mc_host.catalog.selectors import parse_selector, word_condition

    matches, has_words = parse_selector({"types": [kind] if kind else []}).matches, word_condition(search)
    async with open_host(session.config(), only_plugin="\0") as host:
        page = host.catalog.list_page(lambda item: matches(item) and has_words(item))
    names = ("id", "name", "type", "namespace", "health", "status", "labels", "tags", "source")
    return [{name: getattr(item, name) for name in names if getattr(item, name) != ""} for item in page.items]
