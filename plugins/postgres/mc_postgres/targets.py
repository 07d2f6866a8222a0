"""From a catalog item to the server it stands for: the host's answers, checked, never cached, never widened."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from mc_postgres.dsn import SCHEMES, ConnectParams, connect_params, parse_connection, with_database
from mc_postgres.settings import PostgresSettings
from mc_postgres.state import PluginState
from mc_sdk import Connection, Context, InvalidParams, Item, NotFound, OperationError

CONNECTION_ITEM = "MissionControl::Connection"
DATABASE_ITEM = "PostgreSQL::Database"
SQL_TYPE = "sql"


@dataclass(frozen=True)
class Target:
    """Where a call goes: the connection, and the database that was chosen for it ('' is the connection's own)."""

    params: ConnectParams
    database: str
    is_bound: bool
    """The item is a database, so that nothing outside it may be seen or touched."""
    is_fallback: bool
    """The connection is the plugin's default one, not the item's own."""


async def resolve_target(ctx: Context[PluginState], database: str) -> Target:
    """Return the target of a call. Raises: what the host answers, InvalidParams for a connection of another kind.

    The host is asked anew by every call: its answer is the permission, and it may have new credentials.
    """
    if not ctx.item_id:
        raise InvalidParams("config_item_id is required to resolve a SQL connection", field="config_id")
    item = await ctx.host.get_config_item(ctx.item_id)
    is_bound = item.type == DATABASE_ITEM
    chosen = item.name if is_bound else database
    connection, is_fallback = await find_connection(ctx, item)
    user, password = connection.username, connection.password
    text = with_database(connection.url, chosen, user=user, password=password) if chosen else connection.url
    params = parse_connection(text, user=user, password=password)
    return Target(connect_params(params), chosen, is_bound, is_fallback)


async def find_connection(ctx: Context[PluginState], item: Item) -> tuple[Connection, bool]:
    """Return the item's connection, and whether it is the default one for want of an own.

    Only `not_found` leads on to the next lookup; a denial never does.
    """
    if item.type == CONNECTION_ITEM:
        own = await look_up(ctx.host.get_connection(connection_id=item.id))
        if own is not None:
            return check_kind(own, item), False
    by_item = await look_up(ctx.host.get_connection(config_item_id=item.id))
    if by_item is not None and is_postgres(by_item):
        return check_url(by_item, item), False
    settings: PostgresSettings = ctx.settings
    if not settings.use_default_connection:
        raise NotFound(
            f"get sql connection: item {item.id} has no SQL connection of its own",
            hint="give the item a connection, or allow the default one (useDefaultConnection)",
        )
    try:
        return check_kind(await ctx.host.get_connection(SQL_TYPE), item), True
    except OperationError as exc:
        add_prefix(exc)
        raise


async def look_up(answer: Awaitable[Connection]) -> Connection | None:
    """Return the host's connection, None when it has none. Raises: its other errors with their text."""
    try:
        return await answer
    except NotFound:
        return None
    except OperationError as exc:
        add_prefix(exc)
        raise


def add_prefix(exc: OperationError) -> None:
    """Say what was looked up in front of the host's own words."""
    if not exc.message.startswith(KEEPS_TEXT):
        exc.message = f"get sql connection: {exc.message}"


KEEPS_TEXT = ("postgres plugin requires", "host returned an empty")


def kind_of(connection: Connection) -> str:
    """Return what kind of server a connection is for, as far as it says so."""
    declared = connection.properties.get("type")
    return (declared if isinstance(declared, str) else "") or connection.type


def is_postgres(connection: Connection) -> bool:
    """Say whether a connection may be one of ours."""
    scheme, separator, _ = connection.url.partition("://")
    is_foreign = bool(separator) and scheme.lower() not in SCHEMES
    return kind_of(connection).lower() in ("", SQL_TYPE, *SCHEMES) and not is_foreign


def check_kind(connection: Connection, item: Item) -> Connection:
    """Return the connection if it is for PostgreSQL and has an address. Raises: InvalidParams."""
    if not is_postgres(connection):
        kind = kind_of(connection)
        named = connection.url.partition("://")[0] if kind.lower() in ("", SQL_TYPE, *SCHEMES) else kind
        raise InvalidParams(f'postgres plugin requires a postgres SQL connection, got "{named}"')
    return check_url(connection, item)


def check_url(connection: Connection, item: Item) -> Connection:
    """Return the connection if it has an address. Raises: InvalidParams."""
    if not connection.url.strip():
        raise InvalidParams(f"host returned an empty SQL connection url for {item.id}")
    return connection
