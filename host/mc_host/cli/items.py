"""`mission-control items`: the catalog in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

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
@click.option("--namespace", default="", help="Namespace, with * as in prod-*.")
@click.option("--health", default="", help="healthy, warning, unhealthy or unknown.")
@click.option("--tag", "tags", multiple=True, help="KEY=VALUE of a tag or label; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_items(
    session: Session, search: str, kind: str, namespace: str, health: str, tags: tuple[str, ...], as_json: bool
) -> None:
    """List items of the running host, else of the configured folders."""
    from mc_host.cli import api
    from mc_host.cli.render import draw_bytes

    address = session.find_address()
    query = {"search": search, "type": kind, "namespace": namespace, "health": health}
    if address is None:
        rows = asyncio.run(_read_items(session, query, tags))
    else:
        pairs = [*query.items(), *(("tag", tag) for tag in tags), ("limit", "1000")]
        rows = msgspec.json.decode(api.request(address, "GET", "/api/catalog/items", query=pairs))["items"]
    draw_bytes(msgspec.json.encode(rows), as_json=as_json)


async def _read_items(session: Session, query: dict[str, str], tags: Sequence[str]) -> list[dict[str, JSON]]:
    from mc_host.app import open_host
    from mc_host.catalog.selectors import parse_query

    is_meant = parse_query(query, types=[query["type"]] if query["type"] else [], tags=tags)
    async with open_host(session.config(), only_plugin="\0") as host:
        page = host.catalog.list_page(is_meant)
    names = ("id", "name", "type", "namespace", "health", "status", "labels", "tags", "source")
    return [{name: getattr(item, name) for name in names if getattr(item, name) != ""} for item in page.items]
