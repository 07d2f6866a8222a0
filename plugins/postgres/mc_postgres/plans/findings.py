"""What is worth a look in a plan: where the time goes, wrong estimates, spills, rows read in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mc_postgres.plans.nodes import Finding, Jit, PlanNode

SLOW_PCT = 30.0
ESTIMATE_FACTOR = 10.0
BAD_ESTIMATE_FACTOR = 100.0
ESTIMATE_ROWS = 100
FILTERED_PCT = 90.0
FILTERED_ROWS = 1000
LARGE_SCAN_ROWS = 100_000
LARGE_SCAN_COST = 10_000
MANY_LOOPS = 10_000
JIT_PCT = 25.0
DISK = re.compile(r"external|Disk", re.I)


def judge(root: PlanNode, execution_ms: float | None, jit: Jit | None) -> list[Finding]:
    """Return the findings, worst first, and flag the nodes that they are about."""
    found: list[Finding] = []
    nodes = list(walk(root, is_limited=False))
    timed = [node for node, _ in nodes if node.self_time_ms is not None]
    if timed:
        slowest = max(timed, key=lambda node: node.self_time_ms or 0.0)
        slowest.flags.append("slowest")
        if (slowest.self_pct or 0) >= SLOW_PCT:
            found.append(about(slowest, "slowest", "info", f"takes {slowest.self_pct:g} % of the time itself"))
    for node, is_limited in nodes:
        found += judge_node(node, is_limited)
    if jit is not None and execution_ms and jit.time_ms * 100 / execution_ms >= JIT_PCT:
        text = f"compiling took {jit.time_ms:.0f} ms of {execution_ms:.0f} ms"
        found.append(about(root, "jit_heavy", "warning", text, "raise jit_above_cost, or switch jit off for it"))
    order = {"critical": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda one: order[one.severity])


def walk(node: PlanNode, *, is_limited: bool) -> Iterator[tuple[PlanNode, bool]]:
    """Yield all nodes, with whether a LIMIT above may have stopped them early."""
    yield node, is_limited
    below = is_limited or node.node_type == "Limit"
    if node.node_type in ("Sort", "Hash", "Aggregate", "Materialize"):
        below = False  # these read their input to its end
    for child in node.children:
        yield from walk(child, is_limited=below)


def judge_node(node: PlanNode, is_limited: bool) -> Iterator[Finding]:
    """Yield what is to be said of one node."""
    if node.loops == 0:
        node.flags.append("never_executed")
        return
    yield from judge_estimate(node, is_limited)
    yield from judge_spill(node)
    yield from judge_filter(node)
    details = {detail.name: detail.value for detail in node.details}
    if float(details.get("Lossy Heap Blocks") or 0) > 0:
        node.flags.append("lossy")
        text = f"{details['Lossy Heap Blocks']} blocks did not fit into the bitmap"
        yield about(node, "lossy_bitmap", "warning", text, "raise work_mem")
    if node.workers_planned and node.workers_launched is not None and node.workers_launched < node.workers_planned:
        node.flags.append("workers_missing")
        text = f"{node.workers_launched} of {node.workers_planned} planned workers ran"
        yield about(node, "workers_missing", "warning", text, "max_parallel_workers was used up by others")
    if (node.loops or 0) >= MANY_LOOPS and (node.self_pct or 0) >= SLOW_PCT:
        text = f"was run {node.loops:,.0f} times"
        yield about(node, "nested_loop_many", "warning", text, "a hash or merge join may be cheaper: look at estimates")


def judge_estimate(node: PlanNode, is_limited: bool) -> Iterator[Finding]:
    """Yield a finding when the planner expected another number of rows."""
    factor = node.estimate_factor
    if factor is None or factor <= 0:
        return
    off = max(factor, 1 / factor)
    per_loop = (node.rows_actual or 0) / max(1.0, node.loops or 1.0)
    if off < ESTIMATE_FACTOR or max(per_loop, node.rows_planned) < ESTIMATE_ROWS or (is_limited and factor < 1):
        return
    node.flags.append("misestimate")
    way = "more" if factor > 1 else "fewer"
    text = f"{off:,.0f} times {way} rows than planned ({per_loop:,.0f} instead of {node.rows_planned:,.0f})"
    severity = "critical" if off >= BAD_ESTIMATE_FACTOR else "warning"
    hint = "ANALYZE the table; for columns that depend on each other CREATE STATISTICS"
    yield about(node, "misestimate", severity, text, hint)


def judge_spill(node: PlanNode) -> Iterator[Finding]:
    """Yield a finding when a node wrote temporary files."""
    details = {detail.name: detail.value for detail in node.details}
    written = node.buffers.temp_written if node.buffers else 0
    if details.get("Sort Space Type") == "Disk" or DISK.search(details.get("Sort Method", "")):
        kind, text = "external_sort", f"sorted on disk, {details.get('Sort Space Used', '?')} kB"
    elif max(float(details.get("Hash Batches") or 1), float(details.get("HashAgg Batches") or 1)) > 1:
        batches = details.get("Hash Batches") or details.get("HashAgg Batches")
        kind, text = "hash_batches", f"the hash table did not fit into memory: {batches} batches"
    elif written:
        kind, text = "spill", f"wrote {written * 8:,} kB of temporary files"
    else:
        return
    node.flags.append("spill")
    yield about(node, kind, "warning", text, "raise work_mem for this query, or sort and hash less")


def judge_filter(node: PlanNode) -> Iterator[Finding]:
    """Yield a finding when a scan threw away nearly everything it read."""
    removed, share = node.rows_removed or 0, node.rows_removed_pct or 0
    if removed >= FILTERED_ROWS and share >= FILTERED_PCT:
        node.flags.append("filtered")
        text = f"{share:g} % of the rows it read were thrown away ({removed:,.0f})"
        hint = "an index on the filtered columns would read only what is needed"
        severity = "critical" if removed >= LARGE_SCAN_ROWS and (node.self_pct or 0) >= SLOW_PCT else "warning"
        yield about(node, "filtered", severity, text, hint)
    elif is_costly_scan(node):
        text = f"reads all of {node.relation}, and keeps what passes its filter"
        yield about(node, "seq_scan_large", "info", text, "an index on the filtered columns may help")


def is_costly_scan(node: PlanNode) -> bool:
    """Say whether a plan that was not run filters much by reading everything."""
    has_filter = any(detail.name == "Filter" for detail in node.details)
    is_large = node.rows_planned >= LARGE_SCAN_ROWS or node.cost >= LARGE_SCAN_COST
    return node.node_type == "Seq Scan" and node.loops is None and has_filter and is_large and node.cost_pct >= SLOW_PCT


def about(node: PlanNode, kind: str, severity: str, text: str, hint: str = "") -> Finding:
    """Return a finding about a node."""
    return Finding(node_id=node.id, kind=kind, severity=severity, title=f"{node.label}: {text}", detail=hint)
