"""`explain`: asks the server for a plan; what a statement would do is undone, and most are not even run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mc_postgres.console import MAX_TEXT_CHARS, check_may_write
from mc_postgres.errors import QUERY_CANCELED, cancelled_error, sql_error, timeout_error
from mc_postgres.lexer import PostgresDialect
from mc_postgres.plans.nodes import PlanResult
from mc_postgres.plans.reading import read_json_plan
from mc_postgres.readmode import CHANGING, READING, check_reading
from mc_postgres.settings import PostgresSettings
from mc_postgres.state import PluginState, RunningQuery, query_key
from mc_postgres.statement_run import TIMER_SPARE_MS, StatementRun
from mc_postgres.targets import resolve_target
from mc_postgres.transactions import MARK, SAVEPOINT, Mode, TransactionPlan, open_transaction
from mc_sdk import Context, InvalidParams, OperationError
from mc_sql.errors import SqlFailed, SqlFault, StatementPlace, place_error
from mc_sql.statements import Statement, TokenKind, check_text, split_statements

if TYPE_CHECKING:
    from mc_postgres.driver import Backend
    from mc_postgres.operations.explain import ExplainParams

PREPARED = "mission_control_plan"
EXPLAINABLE = (*READING, *CHANGING)
SINCE = {"settings": 120_000, "wal": 130_000, "memory": 170_000}
NOT_UNDONE = (
    "the statement was run and rolled back: sequences stay advanced, and what its functions did outside the database "
    "is not undone"
)


async def ask_plan(ctx: Context[PluginState], params: ExplainParams) -> PlanResult:
    """Return the plan of one statement. Raises: InvalidParams, Forbidden (analyze of what changes data)."""
    statement = parse_one(params.statement)
    place = StatementPlace(params.statement, statement, 0)
    reads_only = is_reading(statement)
    mode = Mode.READ
    if params.analyze and not reads_only:
        check_may_write(ctx)
        mode = Mode.TRIAL
    settings: PostgresSettings = ctx.settings
    limit_ms = params.statement_timeout_ms or settings.statement_timeout_ms
    with ctx.state.register(query_key(ctx, params.query_id)) as running:
        target = await resolve_target(ctx, params.database)
        async with open_transaction(ctx, target, TransactionPlan(mode, limit_ms)) as backend:
            running.backend = backend
            try:
                asking = Asking(backend, place, mode, limit_ms, running, params)
                text = await asking.plan()
            finally:
                running.backend = None
    result = read_json_plan(text) if params.format == "json" else PlanResult(plan=text, format="text", findings=[])
    result.plan, result.database, result.generic = text, target.database, asking.is_generic
    if mode is Mode.TRIAL:
        result.rolled_back, result.warnings = True, (NOT_UNDONE,)
    return result


def parse_one(text: str) -> Statement:
    """Return the only statement of a text. Raises: InvalidParams."""
    if len(text) > MAX_TEXT_CHARS:
        raise InvalidParams(f"the statement is longer than {MAX_TEXT_CHARS} characters", field="statement")
    check_text(text)
    statements = split_statements(text, PostgresDialect())
    if not statements:
        raise InvalidParams("statement is required", field="statement")
    if len(statements) > 1:
        refused = InvalidParams(
            "explain: one statement at a time", sqlstate="42601", position=statements[1].start + 1, statementIndex=1
        )
        raise place_error(refused, StatementPlace(text, statements[1], 1))
    first = statements[0]
    opening = next((token for token in first.tokens if not token.is_symbol("(")), first.tokens[0])
    if not opening.is_word(*EXPLAINABLE):
        refused = InvalidParams(
            f"explain: {first.text.split(None, 1)[0][:40].upper()} statements have no plan",
            sqlstate="42601",
            position=opening.start + 1,
        )
        raise place_error(refused, StatementPlace(text, first, 0))
    return first


def is_reading(statement: Statement) -> bool:
    """Say whether a statement provably changes nothing, its functions aside."""
    try:
        check_reading(statement, 0)
    except OperationError:
        return False
    return True


class Asking:
    """One request for a plan on a connection."""

    def __init__(
        self,
        backend: Backend,
        place: StatementPlace,
        mode: Mode,
        limit_ms: int,
        running: RunningQuery,
        params: ExplainParams,
    ) -> None:
        self._backend, self._place, self._mode = backend, place, mode
        self._limit_ms, self._running, self._params = limit_ms, running, params
        numbers = [int(t.value[1:]) for t in place.statement.tokens if t.kind is TokenKind.PARAMETER]
        self._parameters = max(numbers, default=0)
        self.is_generic = self._parameters > 0 or params.generic_plan

    async def plan(self) -> str:
        """Return the plan as the server writes it. Raises: OperationError."""
        run = StatementRun(self._backend, self._place, self._mode, self._limit_ms, self._running)
        await run.prepare()  # refuses calls that have effects, in read mode
        if self._running.is_cancelled:
            raise cancelled_error(SqlFault("", sqlstate=QUERY_CANCELED), self._place)
        statement = self._place.statement.text
        if not self.is_generic:
            return await self._ask(f"EXPLAIN ({self._options()}) ", statement)
        if self._params.analyze:
            raise InvalidParams("a statement with parameters cannot be run", hint="put values in their place")
        # Not GENERIC_PLAN: that exists since 16 only, and not in the extended protocol.
        try:
            await self._ask(f"PREPARE {PREPARED} AS ", statement)
            await self._backend.command(f"SET {MARK} LOCAL plan_cache_mode = force_generic_plan")
            values = ", ".join(["NULL"] * self._parameters)
            arguments = f"({values})" if values else ""
            return await self._ask(f"EXPLAIN ({self._options()}) EXECUTE {PREPARED}{arguments}", "")
        finally:
            await self._forget()

    def _options(self) -> str:
        params, version = self._params, self._backend.version_num
        chosen = [f"FORMAT {params.format.upper()}"]
        if params.analyze:
            chosen += ["ANALYZE", f"TIMING {'OFF' if params.timing is False else 'ON'}"]
        if params.buffers or (params.buffers is None and params.analyze):
            chosen.append("BUFFERS")
        # Verbose, since only its texts tell which node reads an InitPlan.
        if params.verbose or (params.verbose is None and params.analyze):
            chosen.append("VERBOSE")
        if params.settings and version >= SINCE["settings"]:
            chosen.append("SETTINGS")
        if params.wal and params.analyze and version >= SINCE["wal"]:
            chosen.append("WAL")
        return ", ".join(chosen)

    async def _ask(self, prefix: str, statement: str) -> str:
        """Send one statement by the extended protocol and return its rows' first column, joined."""
        started = time.monotonic()
        rows: list[str] = []
        try:
            await self._backend.send(prefix + statement)
            while (part := await self._backend.receive()) is not None:
                if part.has_rows:
                    rows += [(part.result.get_value(at, 0) or b"").decode() for at in range(part.row_count)]
        except SqlFailed as exc:
            raise self._failed(exc.fault, len(prefix), started) from exc
        return "\n".join(rows)

    def _failed(self, fault: SqlFault, prefix_length: int, started: float) -> OperationError:
        original = self._place.statement
        moved = Statement(original.text, original.start - prefix_length, original.tokens)
        place = StatementPlace(self._place.text, moved, 0)
        if fault.sqlstate == QUERY_CANCELED:
            if self._running.is_cancelled:
                return cancelled_error(fault, place)
            if (time.monotonic() - started) * 1000 >= self._limit_ms - TIMER_SPARE_MS:
                return timeout_error(fault, place, self._limit_ms)
        exc = sql_error(fault, place)
        exc.message = f"explain: {exc.message}"
        return exc

    async def _forget(self) -> None:
        """Drop the prepared statement, which outlives transactions; a pooler would hand it to others."""
        if not self._backend.is_open:
            return
        back = f"ROLLBACK {MARK} TO SAVEPOINT {SAVEPOINT}; " if self._backend.has_failed_transaction else ""
        try:
            await self._backend.command(back + f"DEALLOCATE {MARK} {PREPARED}")
        except SqlFailed:
            self._backend.is_tainted = True  # it was not prepared, or is still: the connection is closed
