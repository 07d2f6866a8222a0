"""Runs an operation for the command line: on the running host, else on parts of a host in this process."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine, Iterable
from urllib.parse import quote
from uuid import UUID

import click
import msgspec

from mc_host.address import Address
from mc_host.cli import api
from mc_host.cli.follow import follow
from mc_host.cli.render import draw_bytes
from mc_host.cli.session import Session
from mc_host.cli.waiting import waiting
from mc_host.manifests import CachedOperation
from mc_wire.model import JSON


def dispatch(
    session: Session,
    plugin: str,
    operation: CachedOperation,
    params: dict[str, JSON],
    item: str,
    *,
    as_json: bool,
    is_confirmed: bool = False,
    has_exit_code: bool = True,
) -> None:
    """Invoke and print; a failure ends the command with exit code 1."""
    address = session.find_address()
    body = msgspec.json.encode(params)
    if address is None:
        with waiting(f"{plugin} {operation.name}"):
            result = _run_here(_invoke_here(session, plugin, operation.name, body, item, is_confirmed))
        draw_bytes(result, as_json=as_json)
        if has_exit_code:
            exit_as_told(operation, result)
        return
    query = {"config_id": _resolve_item(address, item)} if item else {}
    query |= {"confirm": "true"} if is_confirmed else {}
    base = f"/api/plugins/{quote(plugin, safe='')}"
    if operation.is_stream:
        lines = api.stream(address, f"{base}/proxy/{operation.name}", query=query, body=body)
        if isinstance(lines, api.Download):
            lines.write_to(sys.stdout.buffer)
            return
        follow(lines, as_json=as_json, widget=str(operation.schema.get("x-widget", "")))
        return
    with waiting(f"{plugin} {operation.name}"):
        result = api.request(address, "POST", f"{base}/invoke/{operation.name}", query=query, body=body)
    draw_bytes(result, as_json=as_json)
    if has_exit_code:
        exit_as_told(operation, result)


def exit_as_told(operation: CachedOperation, result: bytes) -> None:
    """End with the status that the answer tells: a health check says how bad it is."""
    answer = msgspec.json.decode(result) if operation.exit_field else None
    code = answer.get(operation.exit_field) if isinstance(answer, dict) else None
    if isinstance(code, int) and code:
        click.get_current_context().exit(code)


def _resolve_item(address: Address, text: str) -> str:
    if _is_uuid(text):
        return text
    page = api.fetch_json(address, "/api/catalog/items", search=text, limit="1000")
    return unique_id([(row["id"], row["name"]) for row in page["items"]], text)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def unique_id(items: Iterable[tuple[str, str]], name: str) -> str:
    """Return the id of the one item of that name. Raises: ClickException for none or several."""
    found = [item_id for item_id, item_name in items if item_name == name]
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.ClickException(f'no catalog item is named "{name}"; see `mission-control items list`')
    raise click.ClickException(f'{len(found)} catalog items are named "{name}"; use an id: {", ".join(sorted(found))}')


def _run_here(work: Coroutine[None, None, bytes]) -> bytes:
    from mc_host.signing import KeyFileError
    from mc_host.state.database import StateError

    try:
        return asyncio.run(work)
    except (KeyFileError, StateError) as exc:
        raise click.ClickException(str(exc)) from exc


async def _invoke_here(
    session: Session, plugin: str, operation: str, body: bytes, item: str, is_confirmed: bool
) -> bytes:
    """Start just this plugin in this process, invoke, stop it again."""
    from mc_host.app import open_host
    from mc_host.invocation import Request
    from mc_host.logs import setup_logging
    from mc_host.subjects import OWNER
    from mc_wire.errors import OperationError, code_of

    setup_logging(logging.ERROR)
    async with open_host(session.config(), only_plugin=plugin) as host:
        try:
            page = host.catalog.list_page(lambda row: not item or row.name == item)
            item_id = item if not item or _is_uuid(item) else unique_id([(r.id, r.name) for r in page.items], item)
            asked = Request(plugin, operation, item_id, body, subject=OWNER, is_confirmed=is_confirmed)
            outcome = await host.invoker.invoke(asked)
        except OperationError as exc:
            lines = [f"plugin error: {exc.message} ({code_of(exc)})", *([f"Hint: {exc.hint}"] if exc.hint else [])]
            if code_of(exc) == "not_found":
                lines += [f"Configuration: {problem}" for problem in host.problems]
            raise click.ClickException("\n".join(lines)) from exc
        return outcome.result
