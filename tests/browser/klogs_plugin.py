"""A scripted stream of logs behind the real page: what to send is read from a file at every call."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from mc_sdk import Context, Forbidden, Plugin, Struct, Tab, operation, serve
from mc_wire.model import JSON

FOLDER = Path(os.environ["KLOGS_SCRIPT_FOLDER"])
ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 1, 2, 10, 0, tzinfo=UTC)
LETTERS = "iiiiiiidwe"
PAUSE_S = 0.02


class AnyParams(Struct, kw_only=True, rename="camel"):
    """What the page sends that the script looks at."""

    cursor: str = ""
    grep: str = ""
    follow: bool = False
    backlog: int = 0
    since: str = ""
    previous: bool = False
    pod: str = ""
    namespace: str = ""
    container: str = ""
    stamp: str = ""
    before: int = 0
    after: int = 0
    exclude_source: list[str] = msgspec.field(default_factory=list)
    backlog_source: list[str] = msgspec.field(default_factory=list)


def script() -> dict[str, Any]:
    """Return what the test wants to happen."""
    found: dict[str, Any] = msgspec.json.decode((FOLDER / "script.json").read_bytes())
    return found


def note(name: str, params: AnyParams) -> None:
    """Remember a call for the test."""
    with (FOLDER / "calls.ndjson").open("ab") as calls:
        calls.write(msgspec.json.encode({"operation": name, **msgspec.to_builtins(params)}) + b"\n")


def stamp(at: int) -> str:
    """Return the time of the row with this number: one a millisecond."""
    moment = START + timedelta(milliseconds=at)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06}{at % 1000:03}Z"


def source(number: int, pod: str, container: str = "main", **more: JSON) -> dict[str, JSON]:
    """Return the event that introduces a source."""
    fixed = {"type": "source", "source": number, "change": "added", "key": f"uid-{pod}/{container}"}
    about = {"namespace": "shop", "pod": pod, "podUid": f"uid-{pod}", "container": container, "node": "node-1"}
    return {**fixed, **about, "kind": "main", "owner": "Deployment/checkout", "revision": "7d9f", **more}


def bulk_row(at: int, sources: int) -> list[JSON]:
    """Return one of very many rows."""
    letter = LETTERS[at % len(LETTERS)]
    status = 500 if letter == "e" else 200
    text = f"request {at} GET /api/orders/{at % 9973} status={status} took={at % 371}ms trace={at:032x}"
    return [at % sources, stamp(at), letter, text]


@operation("logs", http=("GET", "POST"))
async def logs(ctx: Context[None], params: AnyParams) -> AsyncIterator[JSON]:
    """Stream as the script says."""
    note("logs", params)
    plan = script()
    if refusal := plan.get("refuse"):
        raise Forbidden(refusal, hint="ask for the right to read logs")
    yield {"type": "meta", "protocol": 1, "follow": True, "order": "arrival", "overflow": "drop", "local": False}
    left_out: set[int] = set()
    for number, pod in enumerate(plan["pods"]):
        event = source(number, pod)
        yield event
        if event["key"] in params.exclude_source:
            left_out.add(number)
            yield {"type": "source", "source": number, "change": "excluded"}
            continue
        yield {"type": "source", "source": number, "change": "opened", "restarts": number, "startedAt": stamp(0)}
    start = int(params.cursor or 0)
    for at, line in enumerate(plan.get("lines", [])):
        is_new = isinstance(line, list) and f"uid-{plan['pods'][line[0]]}/main" in params.backlog_source
        if (at >= start or is_new) and not (isinstance(line, list) and line[0] in left_out):
            yield line
    for at in range(start, plan.get("bulk", 0)):
        yield bulk_row(at, len(plan["pods"]))
        if at % 2000 == 1999:
            yield {"type": "cursor", "cursor": str(at + 1)}
            await asyncio.sleep(0)
    at = max(plan.get("bulk", 0), start)
    async for line in live(plan, at):
        if not (isinstance(line, list) and line[0] in left_out):
            yield line


async def live(plan: dict[str, Any], at: int) -> AsyncIterator[JSON]:
    """Go on as a live stream: at a rate for a while, then as the file of late lines grows, or to the end."""
    rate, until = plan.get("rate", 0), plan.get("bulk", 0) + plan.get("rate", 0) * plan.get("seconds", 0)
    loop = asyncio.get_running_loop()
    begun, first = loop.time(), at
    while at < until:
        due = min(until, first + int((loop.time() - begun) * rate))
        for number in range(at, due):
            yield bulk_row(number, len(plan["pods"]))
        at = due
        await asyncio.sleep(PAUSE_S)
    sent = 0
    while True:
        late = script().get("late", [])
        for line in late[sent:]:
            if line == "break":
                return
            yield line
            if isinstance(line, dict) and line.get("type") == "end":
                return
        sent = len(late)
        await asyncio.sleep(PAUSE_S)


@operation("rollout")
async def rollout(ctx: Context[None]) -> JSON:
    """Answer what the script says."""
    return script().get("rollout", {"inProgress": False, "revisions": []})


@operation("container-death")
async def container_death(ctx: Context[None], params: AnyParams) -> JSON:
    """Say why a container died."""
    note("container-death", params)
    return {
        "namespace": params.namespace,
        "pod": params.pod,
        "container": params.container,
        "exitCode": 137,
        "signal": 9,
        "reason": "OOMKilled",
        "startedAt": stamp(0),
        "finishedAt": stamp(90_000),
        "restarts": 3,
        "explanation": "It used more memory than its limit of 64 MiB and was killed.",
        "lastLines": [[0, stamp(1), "i", "loading the whole table"], [0, stamp(2), "e", "allocation of 80 MB failed"]],
        "events": [{"type": "event", "at": stamp(3), "reason": "BackOff", "message": "restarting failed container"}],
    }


@operation("log-context")
async def log_context(ctx: Context[None], params: AnyParams) -> JSON:
    """Answer the lines around a stamp, as the cluster keeps them."""
    note("log-context", params)
    rows: list[JSON] = [[0, params.stamp, "i", f"kept line {at}"] for at in range(-params.before, params.after + 1)]
    return {"rows": rows, "index": params.before, "complete": True}


@operation("log-download", http=("GET",))
async def log_download(ctx: Context[None], params: AnyParams) -> AsyncIterator[JSON]:
    """Stream a file."""
    note("log-download", params)
    yield {"kept": True}


class ScriptedLogs(Plugin[None]):
    """The page of kubernetes-logs over scripted lines."""

    name = "scripted-logs"
    version = "1.0.0"
    description = "Scripted logs."
    tabs = (Tab(name="Logs", icon="lucide:scroll-text", path="/", scope="config"),)
    operations = (logs, rollout, container_death, log_context, log_download)
    assets = ROOT / "plugins" / "kubernetes_logs" / "mc_kubernetes_logs" / "ui"


if __name__ == "__main__":
    serve(ScriptedLogs())
