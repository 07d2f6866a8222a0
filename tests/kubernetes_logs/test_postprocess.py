"""A18: parse, match and dedupe of `tail`, beside an independent oracle."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mc_kubernetes_logs.parsers.postprocess import postprocess
from mc_kubernetes_logs.parsers.record import Record
from mc_kubernetes_logs.parsers.tokens import tokenise
from mc_kubernetes_logs.parsers.windows import parse_window
from mc_sdk import InvalidParams
from tests.kubernetes_logs.scene import Scene

START = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


def record(text: str, after_s: float = 0, **parts: Any) -> Record:
    at = (START + timedelta(seconds=after_s)).isoformat().replace("+00:00", "Z")
    return Record(message=text, first_observed=at, hash=tokenise(text), labels=dict(parts.pop("labels", {})), **parts)


@pytest.mark.parametrize(
    ("format", "text", "wanted"),
    [
        ("json", '{"msg":"hi","level":"warn","caller":"a.go:1","hostname":"h","n":1}',
         {"message": "hi", "severity": "warn", "source": "a.go:1", "host": "h", "labels": {"n": "1"}}),
        ("json", '{"message":"second","msg":"first"}', {"message": "first"}),
        ("logfmt", 'level=info msg="hello there" user=7',
         {"message": "hello there", "severity": "info", "labels": {"user": "7"}}),
        ("klogfmt", 'E1122 10:00:00.123456       1 pod.go:42] "Sync failed" pod="shop/web" err="x"',
         {"message": "Sync failed", "severity": "error", "source": "pod.go:42",
          "labels": {"pod": "shop/web", "err": "x"}}),
        ("klogfmt", "I1122 10:00:00.123456       1 pod.go:42] started", {"message": "started", "severity": "info"}),
        ("syslog", "<165>Nov 22 10:00:00 web01 sshd[42]: accepted",
         {"message": "accepted", "severity": "notice", "host": "web01", "source": "sshd", "labels": {"pid": "42"}}),
        ("autodetect", "plain text here", {"message": "plain text here", "severity": ""}),
        ("autodetect", "one=1 two=2", {"labels": {"one": "1", "two": "2"}}),
        ("unheard-of", '{"msg":"x"}', {"message": '{"msg":"x"}'}),
    ],
)  # fmt: skip
def test_a18_postprocess_parses(format: str, text: str, wanted: dict[str, Any]) -> None:
    [found] = postprocess([record(text)], {"parse": format})
    assert {name: getattr(found, name) for name in wanted} == wanted


def test_a18_postprocess_dedupes_by_hash_labels_and_two_fields() -> None:
    times = [record(f"started at 2026-11-22T10:00:0{n}Z") for n in range(4)]
    [found] = postprocess(times, {"dedupe": {"fields": ["hash"]}})
    assert found.count == 4
    lines = [record("old", 0, labels={"id": "1"}), record("new", 1, labels={"id": "1"})]
    [found] = postprocess(lines, {"dedupe": {"fields": ["label.id"]}})
    assert (found.message, found.count) == ("new", 2)
    hosts = [record("a", host="x"), record("a", 1, host="y"), record("b", 2, host="x"), record("a", 3, host="x")]
    assert len(postprocess(hosts, {"dedupe": {"fields": ["host", "message"]}})) == 3


def test_a18_postprocess_windows_are_aligned_to_the_clock() -> None:
    lines = [record("x", minutes * 60) for minutes in (0, 4, 5, 7, 9.9, 10)]
    found = postprocess(lines, {"dedupe": {"window": "5m", "fields": ["message"]}})
    assert [one.count for one in found] == [2, 3, 1]
    assert len(postprocess(lines, {"dedupe": {"window": "soon", "fields": ["message"]}})) == 6
    assert parse_window("1d2h") == 26 * 3600 * 10**9 and parse_window("x") is None


def test_a18_postprocess_matches_with_cel() -> None:
    lines = [record("boom", severity="error", labels={"app": "web"}), record("fine", severity="info")]
    for expressions in (
        ['severity == "error"'],
        ["nosuch.x == 1", 'message.contains("boom")'],
        ['labels["app"] == "web"'],
    ):
        assert [one.message for one in postprocess(lines, {"match": expressions})] == ["boom"]
    assert postprocess(lines, {"match": ["nosuch == 1"]}) == []
    assert len(postprocess(lines, {"match": [], "dedupe": None})) == 2


def oracle(records: list[Record], fields: list[str], window_s: int) -> list[tuple[str, int]]:
    """Dedupe written again from the specification's words, the slow way."""
    ordered = sorted(records, key=lambda one: one.first_observed)
    found: list[tuple[tuple[int, ...], tuple[str, ...], list[Record]]] = []
    run = -1
    last = None
    for one in ordered:
        seconds = int((datetime.fromisoformat(one.first_observed) - datetime(1, 1, 1, tzinfo=UTC)).total_seconds())
        number = seconds // window_s if window_s else 0
        if number != last:
            run, last = run + 1, number
        key = tuple(
            {"message": one.message, "host": one.host}.get(field, one.labels.get(field, "")) for field in fields
        )
        for place, known, group in found:
            if place == (run,) and known == key:
                group.append(one)
                break
        else:
            found.append(((run,), key, [one]))
    return [(group[-1].message, len(group)) for _, _, group in found]


def test_a18_postprocess_dedupes_as_the_oracle_does() -> None:
    random.seed(18)
    for _ in range(10_000):
        count = random.randint(0, 8)
        lines = [
            record(random.choice("ab"), second, host=random.choice("xy"), labels={"k": random.choice("12")})
            for second in random.sample(range(1200), count)
        ]
        fields = random.sample(["message", "host", "k"], random.randint(0, 3))
        window_s = random.choice([0, 60, 300])
        wanted = oracle(lines, fields, window_s)
        asked = {"dedupe": {"fields": fields, "window": f"{window_s}s" if window_s else ""}}
        assert [(one.message, one.count) for one in postprocess(lines, asked)] == wanted


async def test_a18_tail_answers_records_and_tells_of_what_failed(scene: Scene) -> None:
    await scene.put_pod("web-1", "app", "side")
    await scene.api.logs.write("web-1", "retry in 5s", "retry in 6s", container="app")
    scene.api.logs.of("web-1", "side").waiting = "PodInitializing"
    found = await scene.invoke("tail", tailLines=25)
    assert [(one["message"], one.get("source"), one["count"]) for one in found[:2]] == [
        ("retry in 5s", "app", 1), ("retry in 6s", "app", 1)
    ]  # fmt: skip
    assert found[0]["hash"] == "retry inDURATION" and found[0]["host"] == "web-1"
    assert found[2]["severity"] == "error" and found[2]["message"].startswith("ERROR: ")
    [one] = await scene.invoke("tail", container="app", postProcess={"dedupe": {"fields": ["hash"]}})
    assert one["count"] == 2 and one["lastObserved"]
    with pytest.raises(InvalidParams, match="decode params"):
        await scene.invoke("tail", postProcess={"match": "not a list"})
