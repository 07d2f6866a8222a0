"""A plan as the plugin shows it."""

from __future__ import annotations

from mc_sdk import JSON, Struct


class Buffers(Struct, omit_defaults=True, kw_only=True):
    """Blocks of 8 kB that a node touched itself, without its children."""

    shared_hit: int = 0
    shared_read: int = 0
    shared_dirtied: int = 0
    shared_written: int = 0
    local_hit: int = 0
    local_read: int = 0
    temp_read: int = 0
    temp_written: int = 0
    io_read_ms: float = 0.0
    io_write_ms: float = 0.0


class Detail(Struct):
    """One line of what a node does, e.g. its filter."""

    name: str
    value: str


class PlanNode(Struct, omit_defaults=True, kw_only=True):
    """One node; times are wall-clock sums over all loops, `rowsPlanned` is per loop, `rowsActual` over all."""

    id: str
    node_type: str
    label: str
    relation: str | None = None
    schema: str | None = None
    alias: str | None = None
    index: str | None = None
    parent_relationship: str | None = None
    subplan_name: str | None = None
    startup_cost: float
    cost: float
    cost_pct: float
    rows_planned: float
    width: int
    rows_actual: float | None = None
    loops: float | None = None
    time_ms: float | None = None
    self_time_ms: float | None = None
    self_pct: float | None = None
    buffers: Buffers | None = None
    rows_removed: float | None = None
    rows_removed_pct: float | None = None
    estimate_factor: float | None = None
    workers_planned: int | None = None
    workers_launched: int | None = None
    details: list[Detail]
    flags: list[str]
    children: list[PlanNode]


class Finding(Struct):
    """Something about one node that is worth a look."""

    node_id: str
    kind: str
    severity: str
    title: str
    detail: str


class Trigger(Struct):
    """Time that a trigger took."""

    name: str
    time_ms: float
    calls: float


class Jit(Struct):
    """What compiling cost."""

    functions: int
    time_ms: float


class PlanResult(Struct, omit_defaults=True, kw_only=True):
    """The plan as text, and what could be read from it."""

    plan: str
    format: str
    tree: PlanNode | None = None
    planning_ms: float | None = None
    execution_ms: float | None = None
    findings: list[Finding]
    settings: dict[str, str] | None = None
    triggers: tuple[Trigger, ...] = ()
    jit: Jit | None = None
    rolled_back: bool = False
    generic: bool = False
    """The statement has parameters, so this is the plan for any values of them."""
    database: str = ""
    warnings: tuple[str, ...] = ()


RawNode = dict[str, JSON]
"""A node as EXPLAIN (FORMAT JSON) spells it."""
