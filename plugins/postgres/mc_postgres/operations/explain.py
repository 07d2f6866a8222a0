"""`explain` and `plan-read`: plans asked for, and plans pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from mc_postgres.settings import STATEMENT_TIMEOUT_MAX_MS
from mc_postgres.state import PluginState
from mc_sdk import Context, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.plans.nodes import PlanResult


class ExplainParams(Struct, forbid_unknown_fields=True):
    """`analyze` runs the statement and rolls back; `buffers` and `verbose` follow it when they are left out."""

    statement: str
    database: str = ""
    analyze: bool = False
    buffers: bool | None = None
    verbose: bool | None = None
    settings: bool = False
    wal: bool = False
    timing: bool | None = None
    generic_plan: bool = False
    """Plan for any values of `$1`, …; on by itself when the statement has such parameters."""
    format: Literal["json", "text"] = "json"
    query_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    statement_timeout_ms: Annotated[int, msgspec.Meta(ge=0, le=STATEMENT_TIMEOUT_MAX_MS)] = 0


class PlanReadParams(Struct, forbid_unknown_fields=True):
    """A plan from elsewhere: EXPLAIN's JSON or its text."""

    plan: str


@operation("explain", http=())
async def explain(ctx: Context[PluginState], params: ExplainParams) -> PlanResult:
    """Show how the server would run a statement, or (analyze) how it ran it."""
    from mc_postgres.plans.asking import ask_plan

    return await ask_plan(ctx, params)


@operation("plan-read", http=())
async def plan_read(ctx: Context[PluginState], params: PlanReadParams) -> PlanResult:
    """Read a pasted plan into a tree with findings."""
    from mc_postgres.plans.reading import read_plan

    return read_plan(params.plan)
