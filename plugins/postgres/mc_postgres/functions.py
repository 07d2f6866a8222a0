"""Which functions a statement may call in read mode: names from its tokens, judged by the server's catalogue.

A read-only transaction still lets a function signal backends, reload the configuration, take locks, run SQL held in
a string, or reach another server. So volatile functions of PostgreSQL itself and all functions of extensions are
refused unless they are listed here; a user's own functions run, inside the read-only transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mc_postgres.readmode import refused
from mc_sdk import InvalidParams
from mc_sql.statements import Statement, Token, TokenKind

SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema"})

_HARMLESS_NAMES = """
    array_sample array_shuffle bernoulli system clock_timestamp timeofday timezone current_query gen_random_uuid uuidv4
    uuidv7 random random_normal amvalidate currtid currtid2
    pg_sleep pg_sleep_for pg_sleep_until
    pg_available_wal_summaries pg_blocking_pids pg_safe_snapshot_blocking_pids pg_collation_actual_version
    pg_database_collation_actual_version pg_control_checkpoint pg_control_init pg_control_recovery pg_control_system
    pg_current_logfile pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
    pg_database_size pg_indexes_size pg_relation_size pg_table_size pg_tablespace_size pg_total_relation_size
    pg_get_aios pg_get_backend_memory_contexts pg_get_loaded_modules pg_get_multixact_members pg_get_sequence_data
    pg_get_shmem_allocations pg_get_shmem_allocations_numa pg_get_wait_events pg_get_wal_replay_pause_state
    pg_get_wal_resource_managers pg_get_wal_summarizer_state pg_hba_file_rules pg_ident_file_mappings
    pg_is_in_backup pg_is_in_recovery pg_is_wal_replay_paused pg_jit_available pg_last_committed_xact
    pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lock_status
    pg_notification_queue_usage pg_partition_ancestors pg_partition_tree pg_prepared_xact pg_sequence_last_value
    pg_show_all_file_settings pg_show_replication_origin_status pg_stat_get_backend_io pg_stat_get_backend_wal
    pg_stat_get_io pg_stat_get_recovery_prefetch pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit
    pg_stat_get_xact_function_calls pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time
    pg_stat_get_xact_numscans pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched
    pg_stat_get_xact_tuples_hot_updated pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_newpage_updated
    pg_stat_get_xact_tuples_returned pg_stat_get_xact_tuples_updated pg_stat_have_stats pg_wal_summary_contents
    pg_xact_commit_timestamp pg_xact_commit_timestamp_origin pg_xact_status txid_status
"""
HARMLESS = frozenset(_HARMLESS_NAMES.split())
"""Volatile functions of PostgreSQL that only read."""

RUNS_HIDDEN_SQL = frozenset({"ts_rewrite", "ts_stat", "set_config", "database_to_xml"})
"""Refused whatever their volatility is: they take SQL or settings as strings, or read everything at once."""

_PURE_EXTENSIONS_NAMES = """
    btree_gin btree_gist citext cube earthdistance fuzzystrmatch h3 hstore intarray isn ltree pg_trgm pgcrypto postgis
    postgis_raster postgis_sfcgal postgis_topology seg timescaledb unaccent uuid-ossp vector
"""
PURE_EXTENSIONS = frozenset(_PURE_EXTENSIONS_NAMES.split())
"""Extensions whose functions compute; immutable and stable ones in no procedural language are admitted."""

_HARMLESS_OF_EXTENSIONS_NAMES = """
    pgstattuple pgstatindex pgstatginindex pgstathashindex pgstattuple_approx pg_relpages pg_buffercache_pages
    pg_buffercache_summary pg_buffercache_usage_counts pg_stat_statements pg_stat_statements_info pg_freespace
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt
"""
HARMLESS_OF_EXTENSIONS = frozenset(_HARMLESS_OF_EXTENSIONS_NAMES.split())
"""Functions of extensions that only read or draw numbers, whatever their volatility says."""


END = Token(TokenKind.SYMBOL, "", -1, -1)


@dataclass(frozen=True)
class NameUse:
    """A name in a statement; `schema` is '' when unqualified."""

    schema: str
    name: str
    token: Token
    is_call: bool
    """It stands before `(` or behind a dot, so that it may call a function of any schema. Elsewhere it may still call
    one of pg_catalog: `treat(4711 as pg_terminate_backend)`."""


@dataclass(frozen=True)
class FoundFunction:
    """What the catalogue knows of one function; `extension` is '' for none."""

    schema: str
    name: str
    volatility: str
    language: str
    extension: str
    is_in_path: bool
    """Whether an unqualified name can mean it, as the search path is now."""

    @property
    def is_system(self) -> bool:
        """Whether it came with the server."""
        return self.schema in SYSTEM_SCHEMAS and not self.extension


def list_names(statement: Statement) -> list[NameUse]:
    """Return every name of a statement; keywords, types, tables and columns are among them.

    A name behind a dot counts as a call: `(4711).pg_terminate_backend` is one.
    """
    tokens = (*statement.tokens, END)
    found = []
    for at, token in enumerate(statement.tokens):
        if token.is_name:
            is_behind_dot = at >= 1 and tokens[at - 1].is_symbol(".")
            is_before_parenthesis = tokens[at + 1].is_symbol("(")
            is_qualified = is_before_parenthesis and is_behind_dot and at >= 2 and tokens[at - 2].is_name
            schema = tokens[at - 2].value if is_qualified else ""
            found.append(NameUse(schema, token.value, token, is_before_parenthesis or is_behind_dot))
    return found


def check_calls(statement: Statement, names: Sequence[NameUse], found: Iterable[FoundFunction]) -> None:
    """Raises: InvalidParams when a name may call a function with effects.

    `found` must be as fresh as the search path: an earlier statement of the batch may have set that.
    """
    by_name: dict[str, list[FoundFunction]] = {}
    for function in found:
        by_name.setdefault(function.name, []).append(function)
    for use in names:
        for function in by_name.get(use.name, ()):
            if may_mean(use, function) and not is_harmless(function):
                raise refuse_call(statement, use, function)


def may_mean(use: NameUse, function: FoundFunction) -> bool:
    """Say whether a name in a statement may stand for this function."""
    if use.schema:
        return use.schema == function.schema
    return function.schema in SYSTEM_SCHEMAS or (use.is_call and function.is_in_path)


def refuse_call(statement: Statement, use: NameUse, function: FoundFunction) -> InvalidParams:
    """Return the error for a call of a function that read mode does not admit."""
    origin = f"extension {function.extension}" if function.extension else "PostgreSQL"
    return refused(f"read mode does not call {use.name}(): a function of {origin} with effects", statement, use.token)


def is_harmless(function: FoundFunction) -> bool:
    """Say whether read mode may call this function."""
    if function.extension:
        if function.name in HARMLESS_OF_EXTENSIONS:
            return True
        is_pure = function.volatility in ("i", "s") and function.language in ("c", "internal", "sql")
        return is_pure and function.extension in PURE_EXTENSIONS
    if not function.is_system:
        return True
    if function.name in RUNS_HIDDEN_SQL:
        return False
    return function.volatility != "v" or function.name in HARMLESS


def has_effects(names: Sequence[NameUse], found: Iterable[FoundFunction]) -> bool:
    """Say whether a name may call a volatile function, so that stopping its query early changes what happened."""
    volatile = [function for function in found if function.volatility == "v"]
    return any(use.is_call and use.name == one.name and may_mean(use, one) for use in names for one in volatile)
