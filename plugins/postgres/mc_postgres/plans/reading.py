"""Plans as text, JSON or EXPLAIN's own lines, to a result with tree and findings."""

from __future__ import annotations

import re

import msgspec

from mc_postgres.plans.findings import judge
from mc_postgres.plans.nodes import Jit, PlanResult, RawNode, Trigger
from mc_postgres.plans.text import parse_text_plan
from mc_postgres.plans.tree import as_list, build_plan_tree, number
from mc_sdk import JSON, InvalidParams

MAX_PLAN_CHARS = 4_000_000
MAX_DEPTH = 200
PSQL_NOISE = re.compile(r"^\s*(QUERY PLAN|-{3,}|\(\d+ rows?\))\s*$", re.M)
PSQL_WRAP = re.compile(r"\s*\+$", re.M)


def read_plan(text: str) -> PlanResult:
    """Return what a pasted plan says. Raises: InvalidParams when it is none."""
    if len(text) > MAX_PLAN_CHARS:
        raise InvalidParams(f"the plan is longer than {MAX_PLAN_CHARS} characters", field="plan")
    cleaned = PSQL_NOISE.sub("", text).strip("\ufeff \n\r\t")
    if not cleaned:
        raise InvalidParams("plan is required", field="plan")
    if cleaned[0] in "[{":
        return read_json_plan(PSQL_WRAP.sub("", cleaned))
    return result_of(parse_text_plan(PSQL_NOISE.sub("", text)), text, "text")


def read_json_plan(text: str) -> PlanResult:
    """Return what EXPLAIN (FORMAT JSON) says. Raises: InvalidParams."""
    try:
        decoded = msgspec.json.decode(text)
    except msgspec.DecodeError as exc:
        raise InvalidParams(f"the plan is no JSON: {exc}", field="plan") from exc
    except RecursionError as exc:
        raise InvalidParams("the plan is nested too deeply", field="plan") from exc
    first = decoded[0] if isinstance(decoded, list) and decoded else decoded
    if isinstance(first, dict) and "Plan" not in first and "Node Type" in first:
        first = {"Plan": first}
    if not isinstance(first, dict) or not isinstance(first.get("Plan"), dict):
        raise InvalidParams("this JSON holds no plan", hint="paste the output of EXPLAIN (FORMAT JSON)", field="plan")
    return result_of(first, text, "json")


def result_of(whole: RawNode, text: str, form: str) -> PlanResult:
    """Return tree, times and findings of a decoded plan."""
    raw = whole["Plan"]
    assert isinstance(raw, dict)
    if depth_of(raw) > MAX_DEPTH:
        raise InvalidParams(f"the plan is more than {MAX_DEPTH} levels deep", field="plan")
    tree = build_plan_tree(raw)
    execution = number(whole, "Execution Time") if "Execution Time" in whole else None
    jit = read_jit(whole.get("JIT"))
    settings = whole.get("Settings")
    return PlanResult(
        plan=text,
        format=form,
        tree=tree,
        planning_ms=number(whole, "Planning Time") if "Planning Time" in whole else None,
        execution_ms=execution,
        findings=judge(tree, execution, jit),
        settings={key: str(value) for key, value in settings.items()} if isinstance(settings, dict) else None,
        triggers=tuple(
            Trigger(
                name=str(one.get("Trigger Name") or one.get("Constraint Name") or "?"),
                time_ms=number(one, "Time"),
                calls=number(one, "Calls"),
            )
            for one in as_list(whole.get("Triggers"))
            if isinstance(one, dict)
        ),
        jit=jit,
    )


def depth_of(raw: RawNode) -> int:
    """Return how many levels a plan has."""
    depth, level = 0, [raw]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [plan for one in level for plan in as_list(one.get("Plans")) if isinstance(plan, dict)]
    return depth


def read_jit(value: JSON) -> Jit | None:
    """Return what compiling cost."""
    if not isinstance(value, dict):
        return None
    timing = value.get("Timing")
    total = number(timing, "Total") if isinstance(timing, dict) else 0.0
    return Jit(functions=int(number(value, "Functions")), time_ms=total)
