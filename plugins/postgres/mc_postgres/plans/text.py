"""EXPLAIN's text form to the shape of its JSON form, so that one reader serves both."""

from __future__ import annotations

import re

from mc_postgres.plans.nodes import RawNode
from mc_sdk import JSON, InvalidParams

NUMBER = r"[0-9.]+"
NODE = re.compile(
    rf"^(?P<indent>[\s|]*)(?P<arrow>->\s+)?(?P<what>\S.*?)\s+"
    rf"\(cost=(?P<startup>{NUMBER})\.\.(?P<total>{NUMBER}) rows=(?P<rows>{NUMBER}) width=(?P<width>\d+)\)"
    rf"(?P<rest>.*)$"
)
ACTUAL = re.compile(
    rf"\(actual(?: time=(?P<first>{NUMBER})\.\.(?P<last>{NUMBER}))? rows=(?P<rows>{NUMBER}) loops=(?P<loops>{NUMBER})\)"
)
BARE = re.compile(r"^(?P<indent>\s*)->\s+(?P<what>\S.*)$")
SUBPLAN = re.compile(r"^\s*((?:InitPlan|SubPlan|CTE) \S.*)$")
PROPERTY = re.compile(r"^\s*(?P<name>[A-Z][A-Za-z/ -]*?): (?P<value>.*)$")
SUMMARY = re.compile(rf"^\s*(?P<name>Planning|Execution|Total) (?:Time|runtime): (?P<ms>{NUMBER}) ms\s*$", re.I)
SCAN = re.compile(
    r"^(?P<kind>.*?Scan(?: Backward)?)(?: using (?P<index>\S+))?(?: on (?P<relation>\S+))?(?: (?P<alias>\S+))?$"
)
CHANGE = re.compile(r"^(?P<kind>Insert|Update|Delete|Merge) on (?P<relation>\S+)(?: (?P<alias>\S+))?$")
JOIN = re.compile(r"^(?P<how>Hash|Merge) (?:(?P<type>Left|Right|Full|Semi|Anti|Right Semi|Right Anti) )?Join$")
SORT_METHOD = re.compile(r"^(?P<method>.*?)\s+(?P<where>Memory|Disk|Average Memory|Average Disk): (?P<kb>\d+)kB")
COUNTS = re.compile(r"(shared|local|temp)((?: (?:hit|read|dirtied|written)=\d+)+)")
TIMES = re.compile(rf"(?:(?:shared|local|temp)(?:/local)? )?(read|write)=({NUMBER})")
MAX_LINES = 20_000


def parse_text_plan(text: str) -> RawNode:
    """Return a text plan as EXPLAIN's JSON would have it. Raises: InvalidParams when there is no node in it."""
    whole: RawNode = {}
    stack: list[tuple[int, RawNode]] = []
    subplan = ""
    for line in text.splitlines()[:MAX_LINES]:
        line = line.rstrip().removesuffix("+").rstrip()
        node = NODE.match(line)
        summary = SUMMARY.match(line)
        name = SUBPLAN.match(line)
        if node:
            raw = parse_node(node)
            if subplan:
                raw |= {"Subplan Name": subplan, "Parent Relationship": relationship(subplan)}
                subplan = ""
            hang(raw, indent_of(node), stack, whole)
        elif summary:
            key = {"planning": "Planning Time"}.get(summary["name"].lower(), "Execution Time")
            whole[key] = float(summary["ms"])
        elif name and stack:
            subplan = name[1].strip()
        elif stack and (found := PROPERTY.match(line)):
            note_property(owner(stack, line), found["name"], found["value"])
    if "Plan" not in whole:
        raise InvalidParams(
            "no plan was found in this text", hint="paste the output of EXPLAIN, as text or JSON", field="plan"
        )
    return whole


def relationship(subplan: str) -> str:
    """Return how a subplan belongs to its parent."""
    return "SubPlan" if subplan.startswith("SubPlan") else "InitPlan"


def indent_of(match: re.Match[str]) -> int:
    """Return how far a node is indented; a root has no arrow."""
    return len(match["indent"]) + (1 if match["arrow"] else 0)


def owner(stack: list[tuple[int, RawNode]], line: str) -> RawNode:
    """Return the node that a property line belongs to: the last one that is indented less."""
    indent = len(line) - len(line.lstrip())
    for depth, raw in reversed(stack):
        if depth < indent:
            return raw
    return stack[0][1]


def hang(raw: RawNode, indent: int, stack: list[tuple[int, RawNode]], whole: RawNode) -> None:
    """Put a node below the last one that is indented less."""
    while stack and stack[-1][0] >= indent:
        stack.pop()
    if stack:
        plans = stack[-1][1].setdefault("Plans", [])
        assert isinstance(plans, list)
        plans.append(raw)
    elif "Plan" not in whole:
        whole["Plan"] = raw
    stack.append((indent, raw))


def parse_node(match: re.Match[str]) -> RawNode:
    """Return the node that a line describes."""
    raw: RawNode = {
        **parse_what(match["what"].strip()),
        "Startup Cost": float(match["startup"]),
        "Total Cost": float(match["total"]),
        "Plan Rows": float(match["rows"]),
        "Plan Width": int(match["width"]),
    }
    actual = ACTUAL.search(match["rest"])
    if actual:
        raw |= {"Actual Rows": float(actual["rows"]), "Actual Loops": float(actual["loops"])}
        if actual["last"]:
            raw |= {"Actual Startup Time": float(actual["first"]), "Actual Total Time": float(actual["last"])}
    elif "never executed" in match["rest"]:
        raw |= {"Actual Rows": 0.0, "Actual Loops": 0.0, "Actual Total Time": 0.0}
    return raw


def parse_what(what: str) -> RawNode:
    """Return node type, relation, index and alias from the words of a node's line."""
    raw: RawNode = {}
    for prefix, key in (("Finalize ", "Finalize"), ("Partial ", "Partial")):
        if what.startswith(prefix):
            what = what.removeprefix(prefix)
            raw["Partial Mode"] = key
    if what.startswith("Parallel "):
        what = what.removeprefix("Parallel ")
        raw["Parallel Aware"] = True
    if (join := JOIN.match(what)) is not None:
        return raw | {"Node Type": f"{join['how']} Join", "Join Type": join["type"] or "Inner"}
    if what.startswith("Nested Loop") and what != "Nested Loop":
        kind = what.removeprefix("Nested Loop").strip().removesuffix("Join").strip()
        return raw | {"Node Type": "Nested Loop", "Join Type": kind}
    if (change := CHANGE.match(what)) is not None:
        return raw | {"Node Type": "ModifyTable", "Operation": change["kind"]} | place(change)
    if what in ("HashAggregate", "GroupAggregate", "MixedAggregate"):
        strategy = {"H": "Hashed", "G": "Sorted", "M": "Mixed"}[what[0]]
        return raw | {"Node Type": "Aggregate", "Strategy": strategy}
    scan = SCAN.match(what)
    if scan is None:
        return raw | {"Node Type": what}
    raw["Node Type"] = scan["kind"].removesuffix(" Backward")
    if scan["kind"] == "Bitmap Index Scan":
        return raw | {"Index Name": scan["relation"]}
    if scan["kind"] == "CTE Scan":
        return raw | {"CTE Name": scan["relation"]} | ({"Alias": scan["alias"]} if scan["alias"] else {})
    if scan["index"]:
        raw["Index Name"] = scan["index"]
    return raw | (place(scan) if scan["relation"] else {})


def place(match: re.Match[str]) -> RawNode:
    """Return schema, relation and alias of a match."""
    schema, dot, relation = match["relation"].rpartition(".")
    raw: RawNode = {"Relation Name": relation, "Alias": match["alias"] or relation}
    return raw | ({"Schema": schema} if dot else {})


def note_property(raw: RawNode, name: str, value: str) -> None:
    """Write a line below a node as the JSON form spells it."""
    if name == "Buffers":
        for kind, counts in COUNTS.findall(value):
            for what, count in re.findall(r"(\w+)=(\d+)", counts):
                raw[f"{kind.title()} {what.title()} Blocks"] = int(count)
    elif name == "I/O Timings":
        for what, ms in TIMES.findall(value):
            key = f"I/O {what.title()} Time"
            before = raw.get(key)
            raw[key] = float(ms) + (before if isinstance(before, float) else 0.0)
    elif name == "Sort Method" and (sort := SORT_METHOD.match(value)):
        raw |= {"Sort Method": sort["method"].strip(), "Sort Space Used": int(sort["kb"])}
        raw["Sort Space Type"] = sort["where"].removeprefix("Average ")
    elif name == "Buckets" or (name == "Batches" and "Memory Usage" in value):
        batches = re.search(r"Batches: (\d+)", f"{name}: {value}")
        if batches:
            raw["HashAgg Batches" if name == "Batches" else "Hash Batches"] = int(batches[1])
    elif name == "Heap Blocks" and (lossy := re.search(r"lossy=(\d+)", value)):
        raw["Lossy Heap Blocks"] = int(lossy[1])
    else:
        raw[name] = as_number(value)


def as_number(text: str) -> JSON:
    """Return a number where a text is nothing else."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text
