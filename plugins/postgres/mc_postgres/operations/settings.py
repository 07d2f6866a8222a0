"""`settings` and `databases`: how the server is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.capability import Capabilities
    from mc_postgres.databases import Databases
    from mc_postgres.serversettings import SettingsReport


class SettingsParams(Struct, forbid_unknown_fields=True):
    """`search` matches name, description or category."""

    database: str = ""
    search: str = ""
    changed_only: bool = False
    pending_only: bool = False


class DatabasesParams(Struct, forbid_unknown_fields=True):
    """`refresh` measures sizes now."""

    refresh: bool = False


class CapabilitiesParams(Struct, forbid_unknown_fields=True):
    """`database` is ignored when the item is itself a database."""

    database: str = ""


@operation("settings", http=())
async def settings(ctx: Context[PluginState], params: SettingsParams) -> SettingsReport:
    """List the server's settings: values, sources, changes, what waits for a restart."""
    from mc_postgres.serversettings import read_settings

    return await read_settings(ctx, params)


@operation("databases", http=())
async def databases(ctx: Context[PluginState], params: DatabasesParams) -> Databases:
    """List databases with size, owner, connections and age."""
    from mc_postgres.databases import read_databases

    return await read_databases(ctx, refresh=params.refresh)


@operation("capabilities", http=())
async def capabilities(ctx: Context[PluginState], params: CapabilitiesParams) -> Capabilities:
    """Tell what this role may do and see here, and which GRANT would let it do the rest."""
    from mc_postgres.capability import read_capabilities

    return await read_capabilities(ctx, params.database)
