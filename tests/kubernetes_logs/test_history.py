"""A19 and downloads: counting and keeping everything that there is."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from collections import Counter
from typing import Any

from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.histogram import SourceCount
from tests.doubles.pod_logs import LogFailure
from tests.kubernetes_logs.scene import Scene, open_http


async def fill(scene: Scene) -> list[str]:
    """Let two pods speak in turns; return all texts in order of time."""
    texts = []
    for pod in ("web-1", "web-2"):
        await scene.put_pod(pod)
    for n in range(200):
        text = f"{('INFO', 'WARN', 'ERROR')[n % 3]} line {n}"
        await scene.api.logs.write(f"web-{n % 2 + 1}", text)
        texts.append(text)
    return texts


async def test_a19_histogram_counts_every_line_by_level_and_time(scene: Scene) -> None:
    texts = await fill(scene)
    found = await scene.invoke("log-histogram", buckets=7)
    wanted = Counter(text.split()[0].lower() for text in texts)
    totals = {level: sum(bucket[at] for bucket in found["buckets"]) for at, level in enumerate(found["levels"])}
    assert {level: count for level, count in totals.items() if count} == dict(wanted)
    assert found["total"] == 200 and len(found["buckets"]) <= 7
    assert {one["pod"]: one["lines"] for one in found["sources"]} == {"web-1": 100, "web-2": 100}


def test_a19_histogram_counts_a_million_lines_within_3_s() -> None:
    count = SourceCount(Source(0, "", "", "", ""))
    lines = [b"2026-11-22T10:%02d:%02d.%09dZ INFO x" % (n // 60 % 60, n % 60, n) for n in range(2000)]
    levels = [b"i", b"w", b"e", b"i"] * 500
    started = time.process_time()
    for _ in range(500):
        count.add(lines, levels)
    assert count.lines == 1_000_000 and time.process_time() - started < 3


async def test_download_by_time_is_all_lines_in_order(scene: Scene) -> None:
    texts = await fill(scene)
    async with open_http(scene) as http:
        query = {"config_id": scene.item.id}
        async with http.get("/__mc/operations/log-download", params=query) as answer:
            assert 'attachment; filename="web-' in answer.headers["Content-Disposition"]
            lines = (await answer.text()).splitlines()
        assert [line.split("Z ", 1)[1] for line in lines] == texts
        assert lines[0].startswith("[web-1 main] 2026-")
        async with http.get("/__mc/operations/log-download", params={**query, "format": "csv"}) as answer:
            rows = list(csv.DictReader(io.StringIO(await answer.text())))
        assert [row["message"] for row in rows] == texts and rows[1]["level"] == "warn"
        packed = {**query, "format": "ndjson", "gzip": "true"}
        async with http.get("/__mc/operations/log-download", params=packed) as answer:
            found = [json.loads(line) for line in gzip.decompress(await answer.read()).splitlines()]
        assert [row["line"] for row in found] == texts


async def test_download_of_one_container_is_its_bytes_unchanged(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "plain", b"bad \xff", b"cr\r")
    async with open_http(scene) as http:
        async with http.get("/__mc/operations/log-download", params={"config_id": scene.item.id}) as answer:
            assert await answer.read() == b"".join(scene.api.logs.of("web-1").current.lines)


async def test_download_names_what_could_not_be_read(scene: Scene) -> None:
    await fill(scene)
    await scene.put_pod("web-3")
    scene.api.logs.of("web-3").failure = LogFailure(403, "Forbidden", 'pods "web-3" is forbidden: not yours')
    async with open_http(scene) as http:
        for order in ("time", "arrival"):
            query = {"config_id": scene.item.id, "order": order}
            async with http.get("/__mc/operations/log-download", params=query) as answer:
                lines = (await answer.text()).splitlines()
            assert len(lines) == 201
            told = [line for line in lines if line.startswith("--- web-3/main: missing: ")]
            assert len(told) == 1 and "forbidden" in told[0]
            async with http.get("/__mc/operations/log-download", params={**query, "format": "csv"}) as answer:
                rows = list(csv.DictReader(io.StringIO(await answer.text())))
            assert [row["pod"] for row in rows if row["level"] == "notice"] == ["web-3"]
            async with http.get("/__mc/operations/log-download", params={**query, "format": "ndjson"}) as answer:
                found = [json.loads(line) for line in (await answer.text()).splitlines()]
            assert [(row["pod"], row["cause"]) for row in found if row.get("type") == "gap"] == [("web-3", "forbidden")]
    counted = await scene.invoke("log-histogram")
    assert counted["total"] == 200 and not counted["complete"]
    assert [(one["pod"], one["code"]) for one in counted["notices"]] == [("web-3", "forbidden")]


async def test_download_of_what_cannot_be_read_at_all_is_an_error(scene: Scene) -> None:
    await scene.put_pod("web-1")
    scene.api.logs.of("web-1").failure = LogFailure(403, "Forbidden", 'pods "web-1" is forbidden: not yours')
    async with open_http(scene) as http:
        for extra in ({}, {"format": "csv"}, {"gzip": "true"}):
            query = {"config_id": scene.item.id, **extra}
            async with http.get("/__mc/operations/log-download", params=query) as answer:
                assert answer.status == 403 and (await answer.json())["code"] == "forbidden", extra


async def test_text_that_is_followed_names_its_gaps(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write_raw("web-1", [b"unable to retrieve container logs for containerd://abc\n"])
    async with open_http(scene) as http:
        query = {"config_id": scene.item.id, "follow": "false", "format": "text"}
        async with http.get("/__mc/operations/logs", params=query) as answer:
            text = await answer.text()
    assert "--- web-1/main: missing: unable to retrieve container logs" in text


async def test_csv_cells_cannot_become_formulas(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", '=HYPERLINK("x")', "+1", "fine, with comma")
    found = await scene.invoke("log-download", format="csv")
    cells = [row["message"] for row in csv.DictReader(io.StringIO(found["content"]))]
    assert cells == ['\'=HYPERLINK("x")', "'+1", "fine, with comma"]


async def test_context_shows_the_lines_around_one(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", *(f"line {n}" for n in range(3000)))
    stamp = scene.api.logs.of("web-1").current.lines[2500][:30].decode()
    found = await scene.invoke("log-context", pod="web-1", container="main", stamp=stamp, before=5, after=3)
    assert [row[3] for row in found["rows"]] == [f"line {n}" for n in range(2495, 2504)]
    assert found["index"] == 5 and found["complete"]


async def test_context_knows_a_line_among_others_of_its_stamp(scene: Scene) -> None:
    await scene.put_pod("web-1")
    at = "2026-11-22T10:00:00.000000001Z"
    await scene.api.logs.write_raw("web-1", [f"{at} line {n}\n".encode() for n in range(6)])
    asked = {"pod": "web-1", "container": "main", "stamp": at, "before": 1, "after": 1}
    found = await scene.invoke("log-context", text="line 3", **asked)
    assert [row[3] for row in found["rows"]] == ["line 2", "line 3", "line 4"] and found["index"] == 1


async def test_fields_of_json_and_logfmt_lines(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", '{"level":"warn","user":{"id":7}}', "a=1 b=two", "plain")
    rows = await scene.invoke("logs")
    assert "fields" not in rows[0]
    rows = await scene.invoke("logs", fields=True)
    assert rows[1]["fields"] == {"a": "1", "b": "two"}
    async with scene.following(backlog=-1, fields=True) as follow:
        await follow.read(lambda f: len(f.rows) == 3)
    extras: list[Any] = [row[4]["fields"] if len(row) > 4 else None for row in follow.rows]
    assert extras == [{"level": "warn", "user": {"id": 7}}, {"a": "1", "b": "two"}, None]
