"""A10: every line exactly once per source, in order, through everything that ends or breaks a stream."""

from __future__ import annotations

from functools import partial

import pytest

from mc_kube.resources import PODS
from tests.kubernetes_logs.follow import Follow
from tests.kubernetes_logs.scene import NAMESPACE, Scene


def numbered(first: int, last: int) -> list[str]:
    return [f"line {number}" for number in range(first, last)]


def has_started(text: str, follow: Follow) -> bool:
    return follow.texts.count(text) == 5


async def test_a10_follow_tells_backlog_and_live_lines_of_all_pods(scene: Scene) -> None:
    for pod in ("web-1", "web-2"):
        await scene.put_pod(pod)
        await scene.api.logs.write(pod, *numbered(0, 5))
    async with scene.following(backlog=3) as follow:
        await follow.read(lambda f: len(f.rows) == 6)
        assert follow.of("web-1") == numbered(2, 5)
        await scene.api.logs.write("web-1", *numbered(5, 8))
        await follow.read(lambda f: len(f.rows) == 9)
        assert follow.of("web-1") == numbered(2, 8)
        assert follow.events[0]["type"] == "meta"


async def test_a10_upstream_reset_every_1000_lines_loses_and_repeats_nothing(scene: Scene) -> None:
    await scene.put_pod("web-1")
    scene.api.logs.of("web-1").reset_every = 1000
    await scene.api.logs.write("web-1", *numbered(0, 3500))
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) >= 3500)
        assert follow.texts == numbered(0, 3500)


async def test_a10_container_restart_drains_the_old_instance_and_reads_the_new_one(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", *numbered(0, 10))
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 10)
        await scene.api.logs.write("web-1", "last words")
        await scene.restart("web-1")
        await scene.api.logs.write("web-1", "born again")
        await follow.read(lambda f: "born again" in f.texts)
        assert follow.texts == [*numbered(0, 10), "last words", "born again"]
        [restarted] = follow.told("source", change="restarted")
        assert restarted["exitCode"] == 1 and restarted["restarts"] == 1
        # The container's end is known to the second; it is told no earlier than its last line was said.
        assert restarted["at"] >= next(row[1] for row in follow.rows if row[3] == "last words")
        assert restarted["at"][:19] + "Z" == restarted["finishedAt"]
        assert not follow.told("gap")


async def restarted_before(scene: Scene) -> None:
    """A container that said `old 0` to `old 3`, died, and said `new 0` and `new 1` since."""
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", *(f"old {n}" for n in range(4)))
    await scene.restart("web-1", exit_code=3)
    await scene.api.logs.write("web-1", "new 0", "new 1")


@pytest.mark.parametrize(
    ("backlog", "before"),
    [(-1, ["old 0", "old 1", "old 2", "old 3"]), (5, ["old 1", "old 2", "old 3"]), (3, ["old 3"]), (2, []), (1, None)],
)
async def test_a10_history_reaches_back_into_the_instance_before(
    scene: Scene, backlog: int, before: list[str] | None
) -> None:
    await restarted_before(scene)
    async with scene.following(backlog=backlog) as follow:
        await follow.read(lambda f: "new 1" in f.texts)
        assert follow.texts == ([*before, "new 0", "new 1"] if before is not None else ["new 1"])
        told = follow.told("source", change="restarted")
        assert [one["exitCode"] for one in told] == ([3] if before else [])
        assert not follow.told("gap")
        await scene.api.logs.write("web-1", "new 2")
        await follow.read(lambda f: "new 2" in f.texts)
        await scene.restart("web-1", exit_code=4)
        await scene.api.logs.write("web-1", "newer")
        await follow.read(lambda f: "newer" in f.texts)
        assert follow.texts[-3:] == ["new 1", "new 2", "newer"]


@pytest.mark.parametrize("answer", [200, 400])
async def test_a10_an_instance_before_that_is_not_kept_any_more_is_no_gap(scene: Scene, answer: int) -> None:
    await restarted_before(scene)
    log = scene.api.logs.of("web-1")
    if answer == 200:
        log.previous_is_gone = True
    else:
        del log.instances[0]
    for more in ({}, {"grep": "new"}):
        found = await scene.invoke("log-download", timestamps=True, **more)
        assert [line.split("Z ")[1] for line in found["content"].splitlines()] == ["new 0", "new 1"]
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: "new 1" in f.texts)
        assert follow.texts == ["new 0", "new 1"]
        assert not follow.told("gap") and not follow.told("source", change="restarted")


async def test_an_instance_that_answers_for_both_is_told_once(scene: Scene) -> None:
    await restarted_before(scene)
    log = scene.api.logs.of("web-1")
    await scene.api.logs.write("web-1", *numbered(0, 5000))
    await scene.api.logs.end("web-1")
    log.instances = [log.current, log.current]
    expected = ["new 0", "new 1", *numbered(0, 5000)]
    for more in ({}, {"grep": "new|line"}, {"grep": "ne"}):
        found = await scene.invoke("log-download", timestamps=True, **more)
        assert [line.split("Z ")[1] for line in found["content"].splitlines()] == expected, more
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) >= len(expected))
        await scene.restart("web-1")
        await scene.api.logs.write("web-1", "newer")
        await follow.read(lambda f: "newer" in f.texts)
        assert follow.texts == [*expected, "newer"]


async def test_a_long_instance_before_is_whole_in_a_file(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", *numbered(0, 20_000))
    await scene.restart("web-1")
    await scene.api.logs.write("web-1", *numbered(20_000, 20_010))
    for more in ({}, {"grep": "line"}):
        found = await scene.invoke("log-download", timestamps=True, **more)
        assert [line.split("Z ")[1] for line in found["content"].splitlines()] == numbered(0, 20_010)


async def test_a10_what_was_read_of_the_instance_before_is_not_read_again_after_a_break(scene: Scene) -> None:
    await restarted_before(scene)
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: "new 1" in f.texts and f.told("cursor"))
        cursor = follow.told("cursor")[-1]["cursor"]
    async with scene.following(cursor=cursor) as follow:
        await scene.api.logs.write("web-1", "new 2")
        await follow.read(lambda f: "new 2" in f.texts)
        assert follow.texts == ["new 2"]


async def test_everything_kept_is_a_file_with_the_instance_before(scene: Scene) -> None:
    await restarted_before(scene)
    for more in ({}, {"grep": "old|new"}, {"prefix": "true"}, {"since": "2020-01-01T00:00:00Z"}):
        found = await scene.invoke("log-download", timestamps=True, **more)
        said = [line.split("Z ")[1] for line in found["content"].splitlines()]
        assert said == ["old 0", "old 1", "old 2", "old 3", "new 0", "new 1"], more
    assert (await scene.invoke("log-histogram"))["total"] == 6
    old = (await scene.invoke("logs", previous=True))[1]
    around = await scene.invoke("log-context", pod="web-1", container="main", stamp=old["timestamp"], text="old 1")
    assert around["rows"][around["index"]][3] == "old 1"


async def test_a10_two_restarts_unseen_are_a_gap(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "first")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        scene.api.is_frozen = True
        await scene.api.logs.restart("web-1")
        scene.instances["web-1", "main"] += 1
        await scene.restart("web-1")
        await scene.api.logs.write("web-1", "third")
        scene.api.is_frozen = False
        await follow.read(lambda f: "third" in f.texts)
        assert follow.told("gap", cause="restarted")


async def test_a10_pod_that_is_replaced_leaves_and_the_new_one_joins_from_its_first_line(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "old")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 1)
        await scene.api.logs.write("web-1", "bye")
        await scene.api.logs.end("web-1")
        await scene.api.remove(PODS, "web-1", NAMESPACE)
        await scene.api.logs.write("web-2", "hello", "again")
        await scene.put_pod("web-2")
        await follow.read(lambda f: "again" in f.texts and f.told("source", change="removed"))
        assert sorted(follow.texts) == ["again", "bye", "hello", "old"]


async def test_a10_rolling_update_of_five_pods_three_times(scene: Scene) -> None:
    for at in range(5):
        await scene.put_pod(f"web-0-{at}")
        await scene.api.logs.write(f"web-0-{at}", "start 0")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 5)
        for generation in range(1, 4):
            for at in range(5):
                old, new = f"web-{generation - 1}-{at}", f"web-{generation}-{at}"
                await scene.api.logs.write(new, f"start {generation}")
                await scene.put_pod(new)
                await scene.api.logs.write(old, f"stop {generation - 1}")
                await scene.api.logs.end(old)
                await scene.api.remove(PODS, old, NAMESPACE)
            started = f"start {generation}"
            await follow.read(partial(has_started, started))  # a log goes with its pod
        await follow.read(lambda f: len(f.rows) >= 35)
        wanted = [f"start {g}" for g in range(4) for _ in range(5)] + [f"stop {g}" for g in range(3) for _ in range(5)]
        assert sorted(follow.texts) == sorted(wanted)


async def test_a10_watch_that_expires_goes_on(scene: Scene) -> None:
    await scene.put_pod("web-1")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: f.told("source", change="opened"))
        scene.api.is_frozen = True
        await scene.put_pod("web-2")
        scene.api.compact()
        scene.api.is_frozen = False
        scene.api.cut()
        await scene.api.logs.write("web-2", "seen")
        await follow.read(lambda f: "seen" in f.texts)


async def test_a10_stream_silenced_by_rotation_is_opened_again(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", *numbered(0, 3))
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 3)
        await scene.api.logs.stall("web-1")
        await scene.api.logs.write("web-1", *numbered(3, 6))
        await follow.read(lambda f: len(f.rows) == 6)
        assert follow.texts == numbered(0, 6)


async def test_a10_lines_rotated_away_before_they_were_read_are_a_gap_with_bounds(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", *numbered(0, 3))
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 3)
        await scene.api.logs.stall("web-1")
        await scene.api.logs.write("web-1", *numbered(3, 6))
        await scene.api.logs.rotate("web-1")
        await scene.api.logs.write("web-1", *numbered(6, 9))
        await follow.read(lambda f: len(f.rows) == 6)
        assert follow.texts == [*numbered(0, 3), *numbered(6, 9)]
        [gap] = follow.told("gap", cause="rotated")
        assert gap["from"] == follow.rows[2][1] and gap["to"] == follow.rows[3][1]


async def test_a10_equal_stamps_and_stamps_that_go_backwards_are_told_once(scene: Scene) -> None:
    await scene.put_pod("web-1")
    lines = [
        b"2026-11-22T10:00:00.000000005Z a\n",
        b"2026-11-22T10:00:00.000000005Z b\n",
        b"2026-11-22T10:00:00.000000004Z c\n",
        b"2026-11-22T10:00:00.000000006Z d\n",
        b"2026-11-22T10:00:00.000000006Z d\n",
    ]
    await scene.api.logs.write_raw("web-1", lines)
    scene.api.logs.of("web-1").end_every = 5
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 5)
        scene.api.logs.of("web-1").end_every = 0
        await scene.api.logs.write_raw("web-1", [b"2026-11-22T10:00:00.000000007Z e\n"])
        await follow.read(lambda f: "e" in f.texts)
        assert follow.texts == ["a", "b", "c", "d", "d", "e"]


async def test_a10_stream_that_ends_again_and_again_without_news_repeats_nothing(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "a", "b")
    scene.api.logs.of("web-1").end_every = 2
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.told("state", state="reconnecting")) == 4)
        scene.api.logs.of("web-1").end_every = 0
        await scene.api.logs.write("web-1", "c")
        await follow.read(lambda f: "c" in f.texts)
        assert follow.texts == ["a", "b", "c"]
