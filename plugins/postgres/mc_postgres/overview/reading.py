"""`overview`: asks for everything that findings are made of; a part that fails is told, and the rest goes on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mc_postgres.advice.reading import cached_indexes
from mc_postgres.database import Database, open_database
from mc_postgres.errors import CONNECTION_LOST
from mc_postgres.history import Checkpoints, Sample, history_of
from mc_postgres.locks.reading import locks_of, read_prepared
from mc_postgres.operations.stats import Connections, DatabaseStats, read_connections, read_database_stats
from mc_postgres.overview import activity, server, upkeep
from mc_postgres.overview.activity import ActivityRow
from mc_postgres.overview.rows import EXIT, KINDS, RANK, Check, Finding, Overview, Severity, Summary
from mc_postgres.overview.server import FactsRow
from mc_postgres.replicas.replication import replication_of
from mc_postgres.replicas.wal import ArchiverRow, fetch_checkpoints, render_archiver
from mc_postgres.state import PluginState
from mc_postgres.storage.bloat import cached_bloat
from mc_postgres.storage.vacuum import cached_vacuum
from mc_postgres.storage.wraparound import DatabaseAgeRow, cached_sequences, read_horizon, render_database
from mc_sdk import Context, InvalidParams, OperationError
from mc_sql.errors import one_line

if TYPE_CHECKING:
    from mc_postgres.answers import CachedAnswer, Need

VACUUM_TABLES = 50
NO_SECOND_SAMPLE = "needs a second look: counters count by their difference"
COUNTED = ("cache_hit", "deadlocks", "temp_files", "rollbacks")


class Survey:
    """One overview in the making."""

    def __init__(self, ctx: Context[PluginState], db: Database, ignored: frozenset[str]) -> None:
        self.ctx, self.db, self.ignored = ctx, db, ignored
        self.ignored_count = 0
        self.findings: list[Finding] = []
        self.checks: list[Check] = []
        self.needs: list[Need] = []
        self.oldest_slow_ms: int | None = None
        self.summary = Summary(
            client_total=0,
            max_connections=0,
            used_percent=0.0,
            active=0,
            waiting_on_lock=0,
            idle_in_transaction=0,
            blocked_count=0,
            in_recovery=False,
        )

    def note(self, kinds: Iterable[str], found: Iterable[Finding]) -> None:
        """Take findings, and note which kinds were looked for."""
        new = list(found)
        heard = [one for one in new if one.kind not in self.ignored and one.id not in self.ignored]
        self.findings += heard
        self.ignored_count += len(new) - len(heard)
        states = {one.kind: "ignored" for one in new} | {one.kind: "found" for one in heard}
        self.checks += [Check(kind=kind, state=states.get(kind, "ok")) for kind in kinds]

    def note_unknown(self, kinds: Iterable[str], reason: str) -> None:
        """Note which kinds could not be looked for."""
        self.checks += [Check(kind=kind, state="unavailable", reason=reason) for kind in kinds]

    @asynccontextmanager
    async def part(self, *kinds: str) -> AsyncIterator[None]:
        """Run one part; its failure makes its kinds unavailable."""
        try:
            async with self.db.savepoint():
                yield
        except OperationError as exc:
            if exc.facts.get("reason") == CONNECTION_LOST:
                raise
            self.note_unknown(kinds, one_line(exc.message))

    def note_slow(self, answer: CachedAnswer) -> None:
        """Remember how old an answer of the slow lane is, and what it could not see."""
        self.oldest_slow_ms = max(self.oldest_slow_ms or 0, answer.age_ms)
        self.needs += [need for need in answer.needs if need not in self.needs]

    async def run(self) -> None:
        """Look at everything, the urgent first."""
        await self.look_at_sessions()
        await self.look_at_counters()
        await self.look_at_replication()
        await self.look_at_tables()
        await self.look_at_slow_lane()

    async def look_at_sessions(self) -> None:
        """Locks, transactions, connections."""
        db, bound = self.db, self.db.target.database if self.db.target.is_bound else ""
        settings = self.ctx.settings
        long_ms = settings.long_transaction_s * 1000
        involved: set[int] = set()  # named as blocking or waiting already: one finding each, the worse one
        gids: set[str] = set()
        async with self.part("blocked"):
            roots, waiting = await locks_of(db, bound)
            self.summary.blocked_count = waiting
            blocking = activity.blocking_for(roots, settings.blocked_s * 1000)
            involved = {node.pid for root in blocking for node in activity.members(root)}
            gids = {root.prepared_gid for root in blocking}
            self.note(["blocked"], activity.judge_locks(blocking))
        async with self.part("idle_in_transaction", "long_transaction"):
            rows = await db.fetch(ActivityRow, "overview_activity", database=bound)
            self.summary.oldest_xact_age_ms = rows[0].xact_age_ms if rows else None
            open_ones = [row for row in rows if row.pid not in involved]
            found = activity.judge_transactions(open_ones, settings.idle_in_transaction_s * 1000, long_ms)
            self.note(["idle_in_transaction", "long_transaction"], found)
        async with self.part("prepared_transaction"):
            prepared = [row for row in await read_prepared(db) if row.gid not in gids]
            self.note(["prepared_transaction"], activity.judge_prepared(prepared, long_ms))

    async def look_at_counters(self) -> None:
        """Connections, cache, deadlocks, checkpoints, settings."""
        db = self.db
        async with self.part("io_timing_off", "pending_restart", "statements_missing", "connections", *COUNTED):
            [facts] = await db.fetch(FactsRow, "overview_facts")
            self.summary.in_recovery = facts.in_recovery
            kinds = ["io_timing_off", "pending_restart", "statements_missing"]
            self.note(kinds, server.judge_settings(facts))
            connections = await read_connections(db, facts.max_connections)
            self.note(["connections"], activity.judge_connections(connections, self.ctx.settings.connections_percent))
            database = await read_database_stats(self.ctx, db)
            if database is not None:
                self.note(["checksum_failures"], server.judge_checksums(database.checksum_failures))
                self.judge_history(connections, database)
        async with self.part("checkpoints_requested"):
            [counts] = await fetch_checkpoints(db)
            seen = self.ctx.state.checkpoints.setdefault((self.ctx.item_id, db.target.params), Checkpoints())
            since = seen.add(time.monotonic(), counts.timed, counts.requested)
            self.note(["checkpoints_requested"], server.judge_checkpoints(*since))

    def judge_history(self, connections: Connections, database: DatabaseStats) -> None:
        """Take a sample, fill the summary, and judge how far the counters went."""
        history = history_of(self.ctx.state, self.ctx.item_id, self.db.target)
        own = self.ctx.state.own_commits.get(self.db.target.params, 0)
        history.add(Sample.of(time.monotonic(), time.time(), connections, database, own))
        rates, summary = history.rates(), self.summary
        summary.client_total, summary.max_connections = connections.client_total, connections.max
        summary.used_percent, summary.active = connections.used_percent, connections.active
        summary.waiting_on_lock = connections.waiting_on_lock
        summary.idle_in_transaction = connections.idle_in_transaction
        summary.database_size_bytes = database.size_bytes
        summary.cache_hit_percent = round(database.cache_hit_percent, 2)
        summary.commits_per_s = rates.commits if rates else None
        deltas = history.deltas()
        if deltas is None:
            self.note_unknown(COUNTED, NO_SECOND_SAMPLE)
        else:
            name = self.db.target.params.get("dbname")
            self.note(COUNTED, server.judge_counters(*deltas, name))

    async def look_at_replication(self) -> None:
        """Standbys, slots, archiver."""
        async with self.part("replication_lag", "slot_retained", "slot_lost"):
            report = await replication_of(self.db)
            lags = [sender.replay_lag_bytes for sender in report.senders if sender.replay_lag_bytes is not None]
            self.summary.replication_lag_bytes = max(lags) if lags else None
            self.needs += report.needs
            self.note(["replication_lag", "slot_retained", "slot_lost"], server.judge_replication(report))
        async with self.part("archiver_failing"):
            [archiver] = await self.db.fetch(ArchiverRow, "archiver")
            self.note(["archiver_failing"], server.judge_archiver(render_archiver(archiver, None)))

    async def look_at_tables(self) -> None:
        """Wraparound, horizon, vacuum."""
        db, bound = self.db, self.db.target.database if self.db.target.is_bound else ""
        async with self.part("wraparound", "horizon"):
            ages = await db.fetch(DatabaseAgeRow, "wraparound_databases", database=bound)
            self.note(["wraparound"], upkeep.judge_ages(map(render_database, ages)))
            self.note(["horizon"], upkeep.judge_horizon(await read_horizon(db)))
        async with self.part("autovacuum_overdue"):
            late = await cached_vacuum(self.ctx, db, VACUUM_TABLES)
            self.note_slow(late)
            self.note(["autovacuum_overdue"], upkeep.judge_vacuum(late.tables))

    async def look_at_slow_lane(self) -> None:
        """Bloat, indexes, sequences: perhaps as of a moment ago."""
        async with self.part("bloat"):
            bloat = await cached_bloat(self.ctx, self.db, 0)
            self.note_slow(bloat)
            self.note(["bloat"], upkeep.judge_bloat(bloat.tables))
        async with self.part("missing_index", "invalid_index", "duplicate_index"):
            report = await cached_indexes(self.ctx, self.db)
            self.note_slow(report)
            kinds = ["missing_index", "invalid_index", "duplicate_index"]
            self.note(kinds, upkeep.judge_indexes(report.findings))
        async with self.part("sequence"):
            sequences = await cached_sequences(self.ctx, self.db)
            self.note_slow(sequences)
            self.note(["sequence"], upkeep.judge_sequences(sequences.sequences))


async def read_overview(ctx: Context[PluginState], database: str, ignored: Iterable[str]) -> Overview:
    """Return what is wrong, the worst first, but for kinds and findings that are `ignored`.

    Raises: InvalidParams for a kind that is not looked for.
    """
    unknown = sorted({one for one in ignored if one.partition(":")[0] not in KINDS})
    if unknown:
        known = ", ".join(sorted(KINDS))
        raise InvalidParams(f"no such kind of finding: {', '.join(unknown)}; there are {known}", field="ignore")
    async with open_database(ctx, database) as db:
        survey = Survey(ctx, db, frozenset(ignored))
        await survey.run()
        role = await db.role()
        if not role.sees_all_stats:
            survey.needs.insert(0, role.need_stats("what other roles' sessions do"))
        findings = sorted(survey.findings, key=lambda one: (RANK[one.severity], -one.weight, one.id))
        worst = findings[0].severity if findings else Severity.OK
        return Overview(
            captured_at=datetime.now(UTC),
            severity=worst,
            exit=EXIT[worst],
            findings=findings,
            checks=sorted(survey.checks, key=lambda one: one.kind),
            summary=survey.summary,
            slow_lane_age_ms=survey.oldest_slow_ms,
            needs=tuple(survey.needs),
            ignored=survey.ignored_count,
            cost_ms=db.cost_ms,
        )
