"""What an operator can set for the postgres plugin."""

from __future__ import annotations

import os

from mc_sdk import PluginSettings, setting

STATEMENT_TIMEOUT_MAX_MS = 55_000
"""Below the host's 60 s for one call, so that the server's own error still reaches the caller."""
ROW_LIMIT_MAX = 50_000


class PostgresSettings(PluginSettings):
    """Settings from the environment at start and from the plugin resource's properties later."""

    statement_timeout_ms: int = setting(
        30_000, env="PG_PLUGIN_STATEMENT_TIMEOUT_MS", at_least=100, at_most=STATEMENT_TIMEOUT_MAX_MS
    )
    """How long a console statement may run unless the call says otherwise."""
    row_limit: int = setting(1000, env="PG_PLUGIN_ROW_LIMIT", at_least=1, at_most=ROW_LIMIT_MAX)
    """Rows of a console result unless the call says otherwise."""
    read_only: bool = setting(False, env="PG_PLUGIN_READ_ONLY")
    """Refuse write mode to everybody, whatever role the host grants."""
    max_connections: int = setting(20, env="PG_PLUGIN_MAX_CONNECTIONS", at_least=1, at_most=20)
    """Connections of the whole plugin; at most 4 of them to one database."""
    use_default_connection: bool = setting(True, env="PG_PLUGIN_USE_DEFAULT_CONNECTION")
    """Use the connection that the plugin resource maps to type `sql` when the item itself has none."""
    write_by_default: bool = setting(False, env="PG_PLUGIN_WRITE_BY_DEFAULT")
    """Compatibility: a `query` that names no mode may write, for callers that have the role `write`."""
    snapshot_folder: str = setting("", env="PG_PLUGIN_SNAPSHOT_FOLDER")
    """Where snapshots of statement counters are kept: a folder, '' for one below the user's caches, `memory`."""
    snapshot_bytes: int = setting(
        64 * 1024 * 1024, env="PG_PLUGIN_SNAPSHOT_BYTES", at_least=1024 * 1024, at_most=4 * 1024**3
    )
    """Bytes of snapshots kept per item and database."""
    blocked_s: int = setting(10, env="PG_PLUGIN_BLOCKED_S", at_least=1, at_most=86_400)
    """The overview warns of a session that keeps another waiting for so long."""
    idle_in_transaction_s: int = setting(60, env="PG_PLUGIN_IDLE_IN_TRANSACTION_S", at_least=1, at_most=86_400)
    """The overview warns of a transaction in which nothing has happened for so long."""
    long_transaction_s: int = setting(300, env="PG_PLUGIN_LONG_TRANSACTION_S", at_least=1, at_most=7 * 86_400)
    """The overview warns of a transaction, also a prepared one, that has been open for so long."""
    connections_percent: int = setting(80, env="PG_PLUGIN_CONNECTIONS_PERCENT", at_least=1, at_most=100)
    """The overview warns when so many of the server's connections are used."""
    require_roles: bool = setting(True, env="PG_PLUGIN_REQUIRE_ROLES")
    """Ask for the plugin roles `write` and `operate`; off only for hosts that know no plugin roles."""


def forget_libpq_environment() -> None:
    """Remove every `PG…` variable of libpq from this process, so that no connection takes anything from it.

    An explicit parameter does not help against all of them: an empty service name, for one, is looked up as well.
    """
    for name in [name for name in os.environ if name.startswith("PG") and not name.startswith("PG_PLUGIN_")]:
        del os.environ[name]


def snapshot_folder(settings: PostgresSettings) -> str:
    """Return the folder for snapshots, '' to keep them in memory."""
    if settings.snapshot_folder == "memory":
        return ""
    if settings.snapshot_folder:
        return settings.snapshot_folder
    home = os.environ.get("HOME", "")
    caches = os.environ.get("XDG_CACHE_HOME") or (os.path.join(home, ".cache") if home else "")
    return os.path.join(caches, "mission-control", "postgres-snapshots") if caches else ""
