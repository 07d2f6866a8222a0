"""A8, A11, A12, A13, A20: slow readers, resumed ones, ones that leave, and many sources."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from functools import partial

import pytest

from mc_kubernetes_logs.engine.batches import Batch
from mc_kubernetes_logs.engine.cursor import MAX_POSITIONS, Position, decode_cursor, encode_cursor, stamp_of
from mc_kubernetes_logs.engine.merging import MergeWindow, Run
from mc_kubernetes_logs.engine.outbox import LIMIT_BYTES
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import shift
from tests.fixtures.fix_host import eventually
from tests.kubernetes_logs.follow import Follow
from tests.kubernetes_logs.scene import Scene, open_http

NOW = "2030-01-01T00:00:00.000000000Z"


def has_rows(count: int, follow: Follow) -> bool:
    return len(follow.rows) >= count


async def test_a11_resume_from_any_cursor_tells_the_rest_once(scene: Scene) -> None:
    random.seed(11)
    texts = {pod: [f"{pod} line {n}" for n in range(120)] for pod in ("web-1", "web-2")}
    for pod, lines in texts.items():
        await scene.put_pod(pod)
        await scene.api.logs.write(pod, *lines[:20])
    told: Counter[str] = Counter()
    cursor, written = "", 20
    for _ in range(25):
        params = {"cursor": cursor} if cursor else {"backlog": -1}
        async with scene.following(**params) as follow:
            want = sum(told.values()) + len(follow.rows)
            more = min(random.randrange(5), 120 - written)
            for pod, lines in texts.items():
                await scene.api.logs.write(pod, *lines[written : written + more])
            written += more
            missing = 2 * written - want
            until = random.randint(0, missing)
            await follow.read(partial(has_rows, until))
            cursor = follow.stream.render_cursor()
            follow.stream.finish("complete")  # what is queued is still read; what comes later is not told
            await follow.read(lambda f: f.told("end"))
            cursor = follow.told("end")[0]["cursor"]
            assert len(cursor) <= 4096
            told.update(follow.texts)
    async with scene.following(cursor=cursor) as follow:
        await follow.read(lambda f: len(f.rows) >= 2 * written - sum(told.values()))
        told.update(follow.texts)
    assert told == Counter(line for lines in texts.values() for line in lines[:written])


async def test_sources_left_out_are_named_not_read_and_come_back_where_they_were(scene: Scene) -> None:
    for pod in ("web-1", "web-2", "web-3"):
        await scene.put_pod(pod)
        await scene.api.logs.write(pod, *(f"{pod} line {n}" for n in range(5)))
    async with scene.following(backlog=2) as follow:
        await follow.read(lambda f: len(f.rows) == 6)
        keys = {one["pod"]: one["key"] for one in follow.told("source", change="added")}
        cursor = follow.stream.render_cursor()
    await scene.api.logs.write("web-1", "web-1 new")
    await scene.api.logs.write("web-2", "web-2 missed")
    scene.api.requests.clear()
    hidden = [keys["web-2"], keys["web-3"]]
    async with scene.following(cursor=cursor, excludeSource=hidden) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        assert follow.texts == ["web-1 new"]
        assert len(follow.told("source", change="added")) == 3 and len(follow.told("source", change="excluded")) == 2
        assert not [one for one in scene.api.requests if "web-2/log" in one or "web-3/log" in one]
        await scene.put_pod("web-4")
        await scene.api.logs.write_raw("web-4", [f"{NOW} web-4 new\n".encode()])
        await follow.read(lambda f: len(f.rows) == 2)
        cursor = follow.stream.render_cursor()
    async with scene.following(cursor=cursor, excludeSource=keys["web-3"]) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        assert follow.texts == ["web-2 missed"]


async def test_a_source_that_a_client_has_never_read_begins_with_its_backlog(scene: Scene) -> None:
    for pod in ("web-1", "web-2"):
        await scene.put_pod(pod)
        await scene.api.logs.write(pod, *(f"{pod} line {n}" for n in range(5)))
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 10)
        keys = {one["pod"]: one["key"] for one in follow.told("source", change="added")}
    async with scene.following(backlog=2, excludeSource=keys["web-2"]) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        cursor = follow.stream.render_cursor()
    async with scene.following(backlog=2, cursor=cursor, backlogSource=keys["web-2"]) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        assert follow.texts == ["web-2 line 3", "web-2 line 4"]


async def test_a_snapshot_and_a_download_leave_sources_out_too(scene: Scene) -> None:
    for pod in ("web-1", "web-2"):
        await scene.put_pod(pod)
        await scene.api.logs.write(pod, f"{pod} line")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        keys = {one["pod"]: one["key"] for one in follow.told("source", change="added")}
    rows = await scene.invoke("logs", excludeSource=keys["web-1"])
    assert [row["line"] for row in rows] == ["web-2 line"]
    found = await scene.invoke("log-download", timestamps=False, excludeSource=[keys["web-2"]])
    assert found["content"] == "web-1 line\n"


def test_a11_resume_token_is_small_and_keeps_what_it_was_given() -> None:
    positions = {n: Position(stamp_of(1_790_000_000_000_000_000 + n), n, 1, n) for n in range(1000)}
    text = encode_cursor(stamp_of(1_790_000_000_000_000_500), positions)
    assert len(text) <= 4096
    found = decode_cursor(text)
    assert len(found.positions) == MAX_POSITIONS
    assert all(found.positions[key] == positions[key] for key in found.positions)
    assert found.watermark <= min(positions[key].stamp for key in found.positions)


def test_a11_resume_token_keeps_the_places_of_sources_that_are_not_read() -> None:
    positions = {n: Position(stamp_of(1_790_000_000_000_000_000 + n), n, 1, n) for n in range(1000)}
    found = decode_cursor(encode_cursor(stamp_of(1_790_000_000_000_001_000), positions, unread={3, 7}))
    assert {3, 7} < set(found.positions) and len(found.positions) == MAX_POSITIONS
    assert found.watermark == positions[0].stamp


async def test_a11_resume_after_the_log_was_rotated_is_a_gap(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "one", "two")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 2)
        cursor = follow.stream.render_cursor()
    await scene.api.logs.write("web-1", "lost")
    await scene.api.logs.rotate("web-1")
    await scene.api.logs.write("web-1", "four")
    async with scene.following(cursor=cursor) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        assert follow.texts == ["four"] and follow.told("gap", cause="cursor")


def test_a12_merge_of_twenty_skewed_sources_is_in_order() -> None:
    random.seed(12)
    window, start = MergeWindow(window_s=0.0), b"2026-11-22T10:00:00.000000001Z"
    sources = [Source(n, "test", f"web-{n}", str(n), "main") for n in range(20)]
    written: dict[int, list[bytes]] = {n: [] for n in range(20)}
    held: list[bytes] = []
    for step in range(200):
        for source in sources:
            line = shift(start, step * 0.01 + random.uniform(0, 0.2)) + f" {source.index} {step}".encode()
            stamp = max([line[:30], *(one[:30] for one in written[source.index][-1:])])
            written[source.index].append(stamp + line[30:])
            window.add(Run(source, [stamp + line[30:]], [b"i"], {}))
    held = [line for run in window.take(everything=True) for line in run.lines]
    stamps = [line[:30] for line in held]
    assert stamps == sorted(stamps) and len(held) == 4000
    for source in sources:
        own = [line for line in held if line.split()[1] == str(source.index).encode()]
        assert own == written[source.index]


async def test_a12_merge_live_order_by_time_adds_at_most_300_ms(scene: Scene) -> None:
    for pod in ("web-1", "web-2"):
        await scene.put_pod(pod)
    async with scene.following(order="time") as follow:
        await follow.read(lambda f: len(f.told("source", change="opened")) == 2)
        started = asyncio.get_running_loop().time()
        await scene.api.logs.write_raw("web-1", [b"2026-11-22T10:00:02.000000001Z later\n"])
        await scene.api.logs.write_raw("web-2", [b"2026-11-22T10:00:01.000000001Z sooner\n"])
        await follow.read(lambda f: len(f.rows) == 2)
        assert follow.texts == ["sooner", "later"]
        assert asyncio.get_running_loop().time() - started < 0.5


async def test_a8_slow_reader_loses_lines_only_as_counted_gaps(scene: Scene) -> None:
    await scene.put_pod("web-1")
    text = "x" * 1000
    async with scene.following() as follow:
        await follow.read(lambda f: f.told("source", change="opened"))
        offered = 0
        for _ in range(20):  # twice what may wait; stamps of now, since history is never dropped
            lines = [f"{NOW} {text}\n".encode()] * 500
            await scene.api.logs.write_raw("web-1", lines)
            offered += 500
        source = follow.told("source", change="added")[0]["source"]
        await eventually(lambda: follow.stream._counts["lines"] == offered, "everything is read upstream")
        assert follow.stream.outbox._size <= 2 * LIMIT_BYTES

        def is_accounted(follow: Follow) -> bool:
            dropped: int = sum(one["count"] for one in follow.told("gap", cause="dropped"))
            return len(follow.rows) + dropped == offered

        await follow.read(is_accounted)
        assert follow.told("gap", cause="dropped", source=source)


async def test_a8_slow_reader_with_block_loses_nothing(scene: Scene) -> None:
    await scene.put_pod("web-1")
    async with scene.following(overflow="block") as follow:
        await follow.read(lambda f: f.told("source", change="opened"))
        for _ in range(10):
            await scene.api.logs.write_raw("web-1", [f"{NOW} {'x' * 1000}\n".encode()] * 500)
        await follow.read(lambda f: len(f.rows) == 5000)
        assert not follow.told("gap")


async def leave_again_and_again(scene: Scene, *, waves: int, at_once: int) -> None:
    """Open streams and leave them; nothing upstream, no task and no descriptor may stay."""
    for pod in ("web-1", "web-2"):
        await scene.put_pod(pod)
    query = {"config_id": scene.item.id, "follow": "true", "format": "ndjson"}
    async with open_http(scene) as http:

        async def come_and_go() -> None:
            async with http.get("/__mc/operations/logs", params=query) as answer:
                seen = b""
                async with asyncio.timeout(30):
                    while seen.count(b'"opened"') < 2:
                        seen += await answer.content.readany()
                answer.close()

        before = tasks = 0
        for wave in range(waves):
            await asyncio.gather(*(come_and_go() for _ in range(at_once)))
            await eventually(lambda: not scene.api.logs.open_now and not scene.api.watchers, "upstream is closed", 1)
            scene.api.requests.clear()
            if wave == 10:
                before, tasks = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())
        await eventually(lambda: len(os.listdir("/proc/self/fd")) <= before + 2, "descriptors are given back", 5)
        assert len(asyncio.all_tasks()) <= tasks + 2


async def test_a13_disconnect_closes_everything_upstream(scene: Scene) -> None:
    await leave_again_and_again(scene, waves=400, at_once=1)


@pytest.mark.live
@pytest.mark.timeout(900)
async def test_a13_disconnect_ten_thousand_times_loses_nothing(scene: Scene) -> None:
    await leave_again_and_again(scene, waves=1000, at_once=10)


async def test_a20_fan_out_reads_400_containers_in_one_list_with_50_at_once(scene: Scene) -> None:
    for at in range(200):
        await scene.put_pod(f"web-{at:03}", "app", "side")
        for name in ("app", "side"):
            await scene.api.logs.write(f"web-{at:03}", "hello", container=name)
    scene.api.requests.clear()
    async with asyncio.timeout(5):
        rows = await scene.invoke("logs")
    assert len(rows) == 400 and [row["pod"] for row in rows] == sorted(row["pod"] for row in rows)
    assert scene.api.logs.open_most <= 50
    others = [one for one in scene.api.requests if "/log?" not in one]
    assert len(others) == 2, others


async def test_heartbeat_cursor_and_end_are_told(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "one")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: f.told("cursor"))
        follow.stream.finish("shutdown")
        await follow.read(lambda f: f.told("end"))
        assert follow.told("end")[0]["reason"] == "shutdown" and json.dumps(follow.events[-1])


async def test_batches_after_the_end_are_ignored(scene: Scene) -> None:
    await scene.put_pod("web-1")
    async with scene.following() as follow:
        await follow.read(lambda f: f.told("source", change="opened"))
        follow.stream.finish("shutdown")
        await follow.stream.deliver(0, Batch([f"{NOW} late".encode()]))
        await follow.read(lambda f: f.told("end"))
        assert follow.rows == []
