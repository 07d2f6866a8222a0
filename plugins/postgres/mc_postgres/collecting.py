"""Gathers a console batch's sets in memory, within the size of a response: the result of `query`."""

from __future__ import annotations

from contextlib import aclosing

from mc_postgres.console import Batch, run_batch
from mc_postgres.state import PluginState, RunningQuery
from mc_postgres.statement_run import SetEnded, SetRows, SetStarted
from mc_postgres.targets import Target
from mc_sdk import JSON, Context, Struct
from mc_sql.results import RESPONSE_BYTES, RESPONSE_SPARE_BYTES, Column, Notice, RowCollector


class ResultSet(Struct, omit_defaults=True, kw_only=True):
    """What one statement delivered; `rows` is absent when there are none."""

    columns: tuple[str, ...] = ()
    column_types: tuple[Column, ...] = ()
    rows: JSON = None
    row_count: int
    rows_affected: int | None = None
    has_rows: bool
    statement: str
    duration_ms: int
    command: str = ""
    truncated: bool = False
    truncated_cells: int = 0
    notices: tuple[Notice, ...] = ()


class QueryResult(Struct, omit_defaults=True, kw_only=True):
    """The sets, and the last one with rows once more at the top, where older callers look."""

    result_sets: tuple[ResultSet, ...] = ()
    columns: tuple[str, ...] | None
    column_types: tuple[Column, ...] = ()
    rows: JSON
    row_count: int
    rows_affected: int | None = None
    duration_ms: int
    is_select: bool
    statement: str
    database: str = ""
    mode: str
    is_fallback: bool = False
    error: dict[str, JSON] | None = None


class Collector:
    """Gathers a batch's sets in memory, within the size of a response."""

    def __init__(self, *, as_arrays: bool) -> None:
        self._as_arrays = as_arrays
        self._sets: list[ResultSet] = []
        self._used_bytes = 0

    async def collect(self, ctx: Context[PluginState], target: Target, batch: Batch, running: RunningQuery) -> None:
        """Run the batch to its end. Raises: OperationError."""
        head: SetStarted | None = None
        rows: RowCollector | None = None
        async with aclosing(run_batch(ctx, target, batch, running)) as events:
            async for event in events:
                if isinstance(event, SetStarted):
                    head, rows = event, self._open_set(event)
                elif isinstance(event, SetRows) and rows is not None:
                    before = rows.count
                    if not rows.add(event.rows):
                        event.stop(rows.count - before)
                elif isinstance(event, SetEnded) and head is not None:
                    self._close_set(head, rows, event)

    def _open_set(self, head: SetStarted) -> RowCollector | None:
        if head.columns is None:
            return None
        # The last set's rows are sent twice, and any set may be the last.
        budget = (RESPONSE_BYTES - RESPONSE_SPARE_BYTES - self._used_bytes) // 2
        return RowCollector(head.columns, as_arrays=self._as_arrays, budget_bytes=max(0, budget))

    def _close_set(self, head: SetStarted, rows: RowCollector | None, end: SetEnded) -> None:
        columns = head.columns or []
        self._used_bytes += rows.size_bytes if rows else 0
        self._sets.append(
            ResultSet(
                columns=tuple(column.name for column in columns),
                column_types=tuple(columns),
                rows=rows.rows() if rows else None,
                row_count=end.row_count,
                rows_affected=end.rows_affected,
                has_rows=head.columns is not None,
                statement=head.statement,
                duration_ms=end.duration_ms,
                command=end.command,
                truncated=end.truncated,
                truncated_cells=end.truncated_cells,
                notices=tuple(end.notices),
            )
        )

    def result(
        self,
        *,
        statement: str,
        database: str,
        is_fallback: bool,
        mode: str,
        duration_ms: int,
        error: dict[str, JSON] | None,
    ) -> QueryResult:
        """Return the answer: all sets, and the last one with rows at the top."""
        with_rows = [one for one in self._sets if one.has_rows]
        shown = with_rows[-1] if with_rows else None
        told = shown or (self._sets[-1] if self._sets else None)
        return QueryResult(
            result_sets=tuple(self._sets),
            columns=shown.columns if shown else None,
            column_types=shown.column_types if shown else (),
            rows=shown.rows if shown else None,
            row_count=shown.row_count if shown else 0,
            rows_affected=told.rows_affected if told else None,
            duration_ms=duration_ms,
            is_select=shown is not None,
            statement=statement,
            database=database,
            mode=mode,
            is_fallback=is_fallback,
            error=error,
        )
