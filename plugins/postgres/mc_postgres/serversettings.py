"""`settings`: what the server runs with, what was changed, and what waits for a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mc_postgres.answers import Answer
from mc_postgres.database import open_database
from mc_postgres.state import PluginState
from mc_sdk import Context, Forbidden, Struct

if TYPE_CHECKING:
    from mc_postgres.operations.settings import SettingsParams

SECRETS = ("primary_conninfo", "ssl_passphrase_command")
"""Values that may hold a password; they are told to be set, and nothing more."""
CHANGED = frozenset(
    ("configuration file", "environment variable", "command line", "database", "user", "database user", "global")
)


class SettingRow(Struct):
    """A row of `settings.sql`."""

    name: str
    value: str | None
    unit: str | None
    category: str
    description: str
    context: str
    type: str
    source: str
    source_file: str | None
    source_line: int | None
    default: str | None
    reset_value: str | None
    pending_restart: bool
    min: str | None
    max: str | None
    enum_values: list[str] | None
    display: str | None


class ServerSetting(Struct, omit_defaults=True, kw_only=True):
    """One setting; `display` is the value as SHOW has it."""

    name: str
    value: str
    unit: str | None = None
    display: str
    category: str
    description: str
    context: str
    type: str
    source: str
    source_file: str | None = None
    source_line: int | None = None
    default: str
    reset_value: str
    is_changed: bool
    pending_restart: bool
    min: str | None = None
    max: str | None = None
    enum_values: tuple[str, ...] = ()
    hidden: bool = False


class RoleSetting(Struct, omit_defaults=True, kw_only=True):
    """Settings of a role, a database, or a role in a database."""

    role: str | None = None
    database: str | None = None
    settings: list[str]


class FileError(Struct, omit_defaults=True, kw_only=True):
    """A line of a configuration file that is wrong."""

    file: str | None
    line: int | None
    name: str | None = None
    error: str


class SettingsReport(Answer, omit_defaults=True, kw_only=True):
    """Settings by name."""

    settings: list[ServerSetting]
    role_settings: list[RoleSetting]
    pending_restart: list[str]
    file_errors: list[FileError]


async def read_settings(ctx: Context[PluginState], params: SettingsParams) -> SettingsReport:
    """Return the settings that pass the filters."""
    async with open_database(ctx, params.database) as db:
        rows = await db.fetch(SettingRow, "settings")
        roles = await db.fetch(RoleSetting, "role_settings")
        errors: list[FileError] = []
        try:
            async with db.savepoint():
                errors = await db.fetch(FileError, "file_errors")
        except Forbidden:
            errors = []
        bound = db.target.database if db.target.is_bound else ""
        role = await db.role()
        needs = () if role.sees_all_settings else (role.need_settings("settings reserved for administrators"),)
        settings = [render(row) for row in rows]
        return SettingsReport(
            settings=[one for one in settings if is_wanted(one, params)],
            role_settings=[one for one in roles if not bound or one.database in (bound, None)],
            pending_restart=[row.name for row in rows if row.pending_restart],
            file_errors=errors,
            needs=needs,
            cost_ms=db.cost_ms,
        )


def is_wanted(one: ServerSetting, params: SettingsParams) -> bool:
    """Say whether a setting passes the filters."""
    if params.changed_only and not one.is_changed:
        return False
    if params.pending_only and not one.pending_restart:
        return False
    text = params.search.casefold()
    return not text or any(text in field.casefold() for field in (one.name, one.description, one.category))


def render(row: SettingRow) -> ServerSetting:
    """Return a row as the plugin shows it."""
    is_secret = row.name in SECRETS and bool(row.value)
    value = "(set)" if is_secret else row.value or ""
    return ServerSetting(
        name=row.name,
        value=value,
        unit=row.unit,
        display=value if is_secret else row.display if row.display is not None else value,
        category=row.category,
        description=row.description,
        context=row.context,
        type=row.type,
        source=row.source,
        source_file=row.source_file,
        source_line=row.source_line,
        default=row.default or "",
        reset_value="(set)" if is_secret else row.reset_value or "",
        is_changed=row.source in CHANGED and row.reset_value != row.default,
        pending_restart=row.pending_restart,
        min=row.min,
        max=row.max,
        enum_values=tuple(row.enum_values or ()),
        hidden=is_secret,
    )
