"""Whether statements are counted on this server, and if not, which of the four reasons it is."""

from __future__ import annotations

from mc_postgres.database import Database
from mc_postgres.errors import INSUFFICIENT_PRIVILEGE
from mc_postgres.statements.rows import StateRow
from mc_sdk import OperationError, Struct

LIBRARY = "pg_stat_statements"
INSTALL_SQL = "CREATE EXTENSION pg_stat_statements;"
NOT_PRELOADED_STATE = "55000"
INFO_SINCE = (1, 9)

WARNINGS = {
    "not_available": "the server has no pg_stat_statements: install the contrib package of your PostgreSQL",
    "not_installed": "extension pg_stat_statements is not installed in this database",
    "not_preloaded": (
        "pg_stat_statements was not loaded when the server started: add it to shared_preload_libraries and restart"
    ),
    "not_permitted": "this role may not read pg_stat_statements",
}


class Availability(Struct):
    """What is known before asking for statements; `reason` is '' when they can be asked for."""

    reason: str
    warning: str
    can_install: bool
    state: StateRow

    @property
    def names(self) -> dict[str, str]:
        """The schema to qualify the extension's functions with."""
        return {"schema": self.state.schema or "public"}

    @property
    def has_info(self) -> bool:
        """Whether the extension has its view about itself."""
        return parse_version(self.state.version) >= INFO_SINCE


def parse_version(text: str | None) -> tuple[int, ...]:
    """Return an extension's version as numbers."""
    return tuple(int(part) for part in (text or "0").split(".") if part.isdigit())


def is_loaded(preloaded: str | None) -> bool | None:
    """Say whether the library was loaded at start; None when the list is hidden from us."""
    if preloaded is None:
        return None
    return LIBRARY in [name.strip().strip('"') for name in preloaded.split(",")]


async def find_statements(db: Database) -> Availability:
    """Return whether statements can be read here."""
    [state] = await db.fetch(StateRow, "statements_state")
    if state.version is None:
        if state.default_version is None:
            return unavailable("not_available", state)
        if is_loaded(state.preloaded) is False:
            # Installing it would not help before the restart, but both are needed and this one is a click.
            found = unavailable("not_installed", state)
            found.warning += "; and it was not loaded when the server started (shared_preload_libraries)"
            return found
        return unavailable("not_installed", state)
    if is_loaded(state.preloaded) is False:
        return unavailable("not_preloaded", state)
    if parse_version(state.version) < parse_version(state.default_version):
        warning = (
            f"extension version {state.version} is older than the server's {state.default_version}: "
            "ALTER EXTENSION pg_stat_statements UPDATE"
        )
        return Availability(reason="old_version", warning=warning, can_install=False, state=state)
    return Availability(reason="", warning="", can_install=False, state=state)


def unavailable(reason: str, state: StateRow) -> Availability:
    """Return why there are no statements."""
    return Availability(reason=reason, warning=WARNINGS[reason], can_install=reason == "not_installed", state=state)


def explain_failure(exc: OperationError, state: StateRow) -> Availability:
    """Return why reading failed although all seemed well."""
    sqlstate = exc.facts.get("sqlstate")
    if sqlstate == NOT_PRELOADED_STATE:
        return unavailable("not_preloaded", state)
    if sqlstate == INSUFFICIENT_PRIVILEGE:
        return unavailable("not_permitted", state)
    return Availability(reason="failed", warning=exc.message, can_install=False, state=state)


def can_read(found: Availability) -> bool:
    """Say whether statements may be asked for."""
    return found.reason in ("", "old_version")
