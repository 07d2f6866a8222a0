"""What a caller needs before something of others is touched."""

from __future__ import annotations

from mc_postgres.settings import PostgresSettings
from mc_postgres.state import PluginState
from mc_sdk import Context, Forbidden

OPERATE_ROLE = "operate"


def check_may_operate(ctx: Context[PluginState], what: str) -> None:
    """Raises: Forbidden unless the caller holds the role `operate`; `what` begins the message."""
    settings: PostgresSettings = ctx.settings
    if settings.require_roles and OPERATE_ROLE not in ctx.roles:
        raise Forbidden(
            f"{what} needs the plugin role 'operate'",
            hint="ask for the plugin role 'operate' on this item",
            reason="role_missing",
            role=OPERATE_ROLE,
        )
