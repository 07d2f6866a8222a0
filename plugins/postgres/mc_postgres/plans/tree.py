"""EXPLAIN's JSON as a tree with times that add up.

A node's time includes its children's. An InitPlan or CTE hangs below the node that declares it, but runs inside the
node that first reads it: its time is taken from there (found by `$0`, `InitPlan 1` or the CTE's name in the texts).
Below a Gather, loops count processes, so that sums are divided by their number to be wall-clock time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mc_postgres.plans.nodes import Buffers, Detail, PlanNode, RawNode
from mc_sdk import JSON

GATHERS = ("Gather", "Gather Merge")
RETURNS = re.compile(r"\$[0-9]+")
NOT_DETAILS = frozenset(
    """
    Node Type|Plans|Startup Cost|Total Cost|Plan Rows|Plan Width|Actual Startup Time|Actual Total Time|Actual Rows
    |Actual Loops|Relation Name|Schema|Alias|Index Name|Parent Relationship|Subplan Name|Parallel Aware|Async Capable
    |Workers|Workers Planned|Workers Launched|Disabled
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
BLOCKS = {
    "Shared Hit Blocks": "shared_hit",
    "Shared Read Blocks": "shared_read",
    "Shared Dirtied Blocks": "shared_dirtied",
    "Shared Written Blocks": "shared_written",
    "Local Hit Blocks": "local_hit",
    "Local Read Blocks": "local_read",
    "Temp Read Blocks": "temp_read",
    "Temp Written Blocks": "temp_written",
}
READ_TIMES = ("I/O Read Time", "Shared I/O Read Time", "Local I/O Read Time", "Temp I/O Read Time")
WRITE_TIMES = ("I/O Write Time", "Shared I/O Write Time", "Local I/O Write Time", "Temp I/O Write Time")
OTHER_BUFFERS = ("Local Dirtied Blocks", "Local Written Blocks", *READ_TIMES, *WRITE_TIMES)
MAX_DETAIL_CHARS = 4000


@dataclass
class _Draft:
    """A node on its way: the raw one, the node, and its time with children."""

    raw: RawNode
    node: PlanNode
    children: list[_Draft] = field(default_factory=list)
    inclusive_ms: float = 0.0
    exclusive_ms: float = 0.0

    def walk(self) -> Iterator[_Draft]:
        """Yield this and everything below, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def runs_elsewhere(self) -> bool:
        """Whether its time belongs to whoever reads it, not to its parent."""
        return self.raw.get("Parent Relationship") == "InitPlan"


def build_plan_tree(raw: RawNode) -> PlanNode:
    """Return the tree of a raw plan."""
    total_cost = number(raw, "Total Cost") or 1.0
    root = draft(raw, "0", 1.0, total_cost)
    for one in root.walk():
        one.exclusive_ms = one.inclusive_ms - sum(c.inclusive_ms for c in one.children if not c.runs_elsewhere)
    for one in list(root.walk()):
        for child in one.children:
            if child.runs_elsewhere:
                charge(child, one, root)
    if "Actual Loops" in raw:
        finish_times(root)
    return root.node


def draft(raw: RawNode, node_id: str, processes: float, total_cost: float) -> _Draft:
    """Return a node with everything but its self time; `processes` run it at once."""
    node = make_node(raw, node_id, total_cost)
    one = _Draft(raw, node)
    loops = number(raw, "Actual Loops")
    one.inclusive_ms = number(raw, "Actual Total Time") * loops / processes
    below = processes
    plans = [plan for plan in as_list(raw.get("Plans")) if isinstance(plan, dict)]
    if node.node_type in GATHERS and plans:
        launched = number(raw, "Workers Launched")
        first = number(plans[0], "Actual Loops") / max(1.0, loops)
        below = processes * max(1.0, min(launched + 1, first or 1.0))
    for at, plan in enumerate(plans):
        # InitPlans of a Gather run in the leader alone.
        count = processes if plan.get("Parent Relationship") == "InitPlan" else below
        one.children.append(draft(plan, f"{node_id}.{at}", count, total_cost))
    node.children = [child.node for child in one.children]
    subtract_buffers(one)
    return one


def charge(plan: _Draft, parent: _Draft, root: _Draft) -> None:
    """Take an InitPlan's time from the nodes that read it, from its parent when none is found."""
    inside = {id(one) for one in plan.walk()}
    readers = [one for one in root.walk() if id(one) not in inside and reads(one.raw, plan.raw)]
    left = plan.inclusive_ms
    for reader in [*reversed(readers), parent]:
        part = min(left, max(0.0, reader.exclusive_ms))
        reader.exclusive_ms -= part
        left -= part


def reads(raw: RawNode, plan: RawNode) -> bool:
    """Say whether a node reads the result of an InitPlan or CTE."""
    name = str(plan.get("Subplan Name") or "")
    if name.startswith("CTE "):
        return raw.get("Node Type") == "CTE Scan" and raw.get("CTE Name") == name.removeprefix("CTE ")
    marks = RETURNS.findall(name) or [f"({name.split(' (')[0]})."]
    texts = [text_of(value) for key, value in raw.items() if key not in ("Plans", "Subplan Name", "Output")]
    return any(re.search(re.escape(mark) + r"(?![0-9])", text) for mark in marks for text in texts)


def finish_times(root: _Draft) -> None:
    """Write times and shares into the nodes, and flag the slowest."""
    total = root.inclusive_ms or 1e-9
    for one in root.walk():
        node = one.node
        node.time_ms = round(one.inclusive_ms, 3)
        node.self_time_ms = round(max(0.0, one.exclusive_ms), 3)
        node.self_pct = round(min(100.0, max(0.0, one.exclusive_ms) * 100 / total), 1)


def make_node(raw: RawNode, node_id: str, total_cost: float) -> PlanNode:
    """Return what a raw node says of itself."""
    loops = raw.get("Actual Loops")
    planned = number(raw, "Plan Rows")
    node = PlanNode(
        id=node_id,
        node_type=str(raw.get("Node Type", "?")),
        label=label_of(raw),
        relation=text_or_none(raw, "Relation Name"),
        schema=text_or_none(raw, "Schema"),
        alias=text_or_none(raw, "Alias"),
        index=text_or_none(raw, "Index Name"),
        parent_relationship=text_or_none(raw, "Parent Relationship"),
        subplan_name=text_or_none(raw, "Subplan Name"),
        startup_cost=number(raw, "Startup Cost"),
        cost=number(raw, "Total Cost"),
        cost_pct=round(min(100.0, number(raw, "Total Cost") * 100 / total_cost), 1),
        rows_planned=planned,
        width=int(number(raw, "Plan Width")),
        workers_planned=int(number(raw, "Workers Planned")) if "Workers Planned" in raw else None,
        workers_launched=int(number(raw, "Workers Launched")) if "Workers Launched" in raw else None,
        details=details_of(raw),
        flags=[],
        children=[],
    )
    if loops is not None:
        count = number(raw, "Actual Loops")
        per_loop = number(raw, "Actual Rows")
        node.loops = count
        node.rows_actual = per_loop * count
        if count:
            node.estimate_factor = round(max(per_loop, 1.0) / max(planned, 1.0), 4)
            count_removed(node, raw, per_loop, count)
    return node


def count_removed(node: PlanNode, raw: RawNode, per_loop: float, loops: float) -> None:
    """Note how many rows a node read in vain."""
    removed = sum(number(raw, f"Rows Removed by {what}") for what in ("Filter", "Join Filter", "Index Recheck"))
    if removed:
        node.rows_removed = removed * loops
        node.rows_removed_pct = round(removed * 100 / (removed + per_loop), 2)


def label_of(raw: RawNode) -> str:
    """Return a node in one line, as EXPLAIN's text form has it."""
    kind = str(raw.get("Node Type", "?"))
    strategy, join = str(raw.get("Strategy", "")), str(raw.get("Join Type", ""))
    kind = {"Hashed": "Hash", "Sorted": "Group", "Mixed": "Mixed "}.get(strategy, "") + kind if strategy else kind
    kind = kind.replace("GroupGroup", "Group").replace("GroupSetOp", "SetOp")
    if join and join != "Inner":
        kind = f"{kind} ({join})" if kind == "Nested Loop" else kind.replace(" Join", f" {join} Join")
    if raw.get("Operation") and kind == "ModifyTable":
        kind = str(raw["Operation"])
    prefix = "Parallel " if raw.get("Parallel Aware") else ""
    partial = {"Partial": "Partial ", "Finalize": "Finalize "}.get(str(raw.get("Partial Mode", "")), "")
    where = raw.get("Relation Name") or raw.get("CTE Name") or raw.get("Function Name")
    text = partial + prefix + kind
    if raw.get("Index Name"):
        text += f" {'on' if kind == 'Bitmap Index Scan' else 'using'} {raw['Index Name']}"
    if where:
        text += f" on {where}"
    alias = raw.get("Alias")
    return text + (f" {alias}" if alias and alias != where else "")


def details_of(raw: RawNode) -> list[Detail]:
    """Return everything else that a node says."""
    shown = []
    for key, value in raw.items():
        if key in NOT_DETAILS or key in BLOCKS or key in OTHER_BUFFERS or value in (None, [], False):
            continue
        shown.append(Detail(name=key, value=text_of(value)[:MAX_DETAIL_CHARS]))
    return shown


def subtract_buffers(one: _Draft) -> None:
    """Note the blocks that a node touched itself: its own sums minus its children's."""
    if not any(key in one.raw for key in BLOCKS):
        return
    counts = {name: int(number(one.raw, key)) for key, name in BLOCKS.items()}
    reading = sum(number(one.raw, key) for key in READ_TIMES)
    writing = sum(number(one.raw, key) for key in WRITE_TIMES)
    for child in one.children:
        for key, name in BLOCKS.items():
            counts[name] -= int(number(child.raw, key))
        reading -= sum(number(child.raw, key) for key in READ_TIMES)
        writing -= sum(number(child.raw, key) for key in WRITE_TIMES)
    own = Buffers(**{name: max(0, count) for name, count in counts.items()})
    own.io_read_ms, own.io_write_ms = round(max(0.0, reading), 3), round(max(0.0, writing), 3)
    one.node.buffers = own if own != Buffers() else None


def number(raw: RawNode, key: str) -> float:
    """Return a number of a raw node, 0 when it is not there."""
    value = raw.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def text_or_none(raw: RawNode, key: str) -> str | None:
    """Return a text of a raw node."""
    value = raw.get(key)
    return str(value) if value is not None else None


def as_list(value: JSON) -> list[JSON]:
    """Return a JSON array, an empty one for anything else."""
    return value if isinstance(value, list) else []


def text_of(value: JSON) -> str:
    """Return a value as one line of text."""
    if isinstance(value, list):
        return ", ".join(text_of(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {text_of(one)}" for key, one in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
