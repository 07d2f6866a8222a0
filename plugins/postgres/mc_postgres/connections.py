"""Opens connections, and tells the pools which of them still work."""

from __future__ import annotations

from typing import Any

import psycopg

from mc_postgres.driver import Backend
from mc_postgres.dsn import ConnectParams
from mc_postgres.errors import TOO_MANY_CONNECTIONS, connect_error
from mc_sdk import OperationError


class BackendDriver:
    """What the pools ask of a backend."""

    def is_usable(self, connection: Backend) -> bool:
        """Say whether an idle connection still works."""
        return connection.is_usable()

    def close(self, connection: Backend) -> None:
        """Close it."""
        connection.close()

    def is_full(self, failure: BaseException) -> bool:
        """Say whether opening failed because the server takes no more connections."""
        return isinstance(failure, OperationError) and failure.facts.get("reason") == TOO_MANY_CONNECTIONS


async def connect(params: ConnectParams) -> Backend:
    """Open a connection. Raises: TargetUnreachable, TargetRefused, TargetTimeout, NotFound (no such database)."""
    keywords: dict[str, Any] = dict(params.libpq)  # Any: psycopg's own keywords have other types
    try:
        connection = await psycopg.AsyncConnection.connect("", autocommit=True, prepare_threshold=None, **keywords)
    except psycopg.Error as exc:
        # The cause is not chained: its text may hold what the message leaves out.
        raise connect_error(str(exc), params) from None
    return Backend(connection, params.settings)
