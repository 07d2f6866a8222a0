"""The postgres plugin: manifest, settings, and the list of its operations."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from os.path import dirname, join
from typing import Any

from mc_postgres.build import BUILD
from mc_postgres.operations.explain import explain, plan_read
from mc_postgres.operations.export import query_export, query_export_ticket
from mc_postgres.operations.indexes import indexes
from mc_postgres.operations.locks import lock_tree, locks_list, prepared_transactions
from mc_postgres.operations.overview import overview
from mc_postgres.operations.query import query, query_cancel, query_stream
from mc_postgres.operations.replication import replication, wal
from mc_postgres.operations.schema import schema
from mc_postgres.operations.sessions import session_cancel, session_terminate, sessions_list, wait_sample
from mc_postgres.operations.settings import capabilities as capabilities_operation
from mc_postgres.operations.settings import databases
from mc_postgres.operations.settings import settings as settings_operation
from mc_postgres.operations.statements import (
    slow_queries,
    slow_queries_install,
    statements_diff,
    statements_reset,
    statements_snapshot,
    statements_snapshots,
)
from mc_postgres.operations.stats import databases_list, stats
from mc_postgres.operations.storage import bloat, progress, relations, sequences, vacuum_stats, wraparound
from mc_postgres.operations.version import version as version_operation
from mc_postgres.settings import PostgresSettings
from mc_postgres.state import PluginState, open_state
from mc_sdk import Plugin, Role, Tab, format_version


class PostgresPlugin(Plugin[PluginState]):
    """PostgreSQL on any catalog item that leads to a connection."""

    name = "postgres"
    version = format_version(BUILD.version, BUILD.build_date, BUILD.ui_checksum)
    description = (
        "See what a PostgreSQL server is doing and act on it: sessions, health, schema, and a read-only console."
    )
    tabs = (Tab(name="Postgres", icon="lucide:database", path="/", scope="config"),)
    roles = (
        Role(name="write", description="run the console in write mode"),
        Role(name="operate", description="cancel queries and end sessions of others"),
    )
    operations = (
        # The reference's, in its order.
        version_operation,
        stats,
        query,
        explain,
        schema,
        databases_list,
        sessions_list,
        session_cancel,
        session_terminate,
        locks_list,
        slow_queries,
        slow_queries_install,
        vacuum_stats,
        # Ours.
        overview,
        query_stream,
        query_cancel,
        query_export,
        query_export_ticket,
        plan_read,
        lock_tree,
        prepared_transactions,
        wait_sample,
        statements_diff,
        statements_snapshot,
        statements_snapshots,
        statements_reset,
        relations,
        bloat,
        wraparound,
        sequences,
        progress,
        indexes,
        replication,
        wal,
        settings_operation,
        databases,
        capabilities_operation,
    )
    settings_type = PostgresSettings
    assets = join(dirname(__file__), "ui")

    def open_state(self, settings: Any) -> AbstractAsyncContextManager[PluginState]:
        """Return the context manager of the state that operations share."""
        return open_state(settings, tuple(self.handlers))

    async def configured(self, state: PluginState, settings: PostgresSettings) -> None:
        """Take a new cap on connections while running."""
        state.pools.max_total = settings.max_connections
