"""A watch through every fault: nothing is lost without being told, and it goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from mc_kube.client import KubeClient
from mc_kube.errors import Ask, ResourceExpired
from mc_kube.resources import PODS, ResourceType
from mc_kube.watch import Backoff, WatchTimes, watch_objects
from mc_kube.watched import Change, ChangeKind, Changes, Interrupted, Listed, Resumed, WatchEvent, WatchState
from mc_wire.background import Background
from mc_wire.errors import Forbidden, NotFound, TargetError
from tests.doubles.kube_api import KubeApi

TIMES = WatchTimes(backoff_first_s=0.02, backoff_max_s=0.1, silence_s=5.0)


class Watcher:
    """Everything a watch has told so far, and a way to wait for more."""

    def __init__(self) -> None:
        self.events: list[WatchEvent] = []
        self.failure: BaseException | None = None
        self._news = asyncio.Condition()

    async def run(self, client: KubeClient, kind: ResourceType, times: WatchTimes, page_size: int) -> None:
        try:
            async for event in watch_objects(client, kind, times=times, page_size=page_size):
                await self._note(event)
        except (Forbidden, NotFound) as exc:
            self.failure = exc
            await self._note(None)

    async def _note(self, event: WatchEvent | None) -> None:
        async with self._news:
            self.events += [event] if event is not None else []
            self._news.notify_all()

    async def until(self, check: Callable[[], object], timeout_s: float = 10) -> None:
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(lambda: bool(check()))

    def changes(self) -> list[tuple[str, str]]:
        """Return kind and name of every change."""
        return [(one.kind, one.name) for event in self.events if isinstance(event, Changes) for one in event.changes]

    def pauses(self) -> list[float]:
        """Return how long each interruption said it would wait."""
        return [event.retry_s for event in self.events if isinstance(event, Interrupted)]

    def of(self, kind: type[Listed] | type[Interrupted] | type[Resumed]) -> list[WatchEvent]:
        return [event for event in self.events if isinstance(event, kind)]


def streams(api: KubeApi) -> int:
    """Return how many watches were ever opened."""
    return sum("watch=true" in line for line in api.requests)


@asynccontextmanager
async def watching(client: KubeClient, times: WatchTimes = TIMES, page_size: int = 500) -> AsyncIterator[Watcher]:
    watcher, background = Watcher(), Background()
    background.spawn(watcher.run(client, PODS, times, page_size), name="watch")
    try:
        yield watcher
    finally:
        await background.aclose()


@pytest.fixture
async def pods(api: KubeApi) -> KubeApi:
    """Return the API server with pods a and b."""
    for name in ("a", "b"):
        await api.put(PODS, name, "shop")
    return api


async def test_watch_lists_in_pages_then_follows(pods: KubeApi, client: KubeClient) -> None:
    await pods.put(PODS, "c", "shop")
    async with watching(client, page_size=2) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        assert watcher.of(Listed) == [Listed(is_first=True, count=3, added=3)]
        await pods.put(PODS, "a", "shop", status={"phase": "Running"})
        await pods.remove(PODS, "b", "shop")
        await watcher.until(lambda: len(watcher.changes()) == 5)
    added = [(ChangeKind.ADDED, name) for name in "abc"]
    assert watcher.changes() == [*added, (ChangeKind.MODIFIED, "a"), (ChangeKind.DELETED, "b")]
    assert sum("limit=2" in line for line in pods.requests) == 2


async def test_watch_reads_a_list_in_one_piece_when_its_pages_expire(pods: KubeApi, client: KubeClient) -> None:
    pods.expire_continue = 1
    async with watching(client, page_size=1) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
    assert watcher.changes() == [(ChangeKind.ADDED, "a"), (ChangeKind.ADDED, "b")]  # no page told twice


async def test_watch_goes_on_from_its_version_after_a_cut(pods: KubeApi, client: KubeClient) -> None:
    async with watching(client) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        pods.cut()
        await pods.put(PODS, "c", "shop")
        await watcher.until(lambda: ("ADDED", "c") in watcher.changes())
    assert len(watcher.of(Listed)) == 1
    assert sum("watch=true" not in line for line in pods.requests) == 1


async def test_watch_tells_half_an_event_once_and_whole(pods: KubeApi, client: KubeClient) -> None:
    async with watching(client) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        await pods.until(lambda: pods.watchers)
        pods.cut_half_way()
        await pods.put(PODS, "c", "shop")
        await watcher.until(lambda: ("ADDED", "c") in watcher.changes())
        await pods.put(PODS, "d", "shop")
        await watcher.until(lambda: ("ADDED", "d") in watcher.changes())
    assert watcher.changes()[2:] == [(ChangeKind.ADDED, "c"), (ChangeKind.ADDED, "d")]


async def test_watch_lists_again_when_its_version_expired_and_says_what_it_missed(
    pods: KubeApi, client: KubeClient
) -> None:
    async with watching(client) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        await pods.stop()
        await watcher.until(lambda: watcher.of(Interrupted))
        await pods.put(PODS, "a", "shop", status={"phase": "Failed"})
        await pods.remove(PODS, "b", "shop")
        await pods.put(PODS, "c", "shop")
        pods.compact()
        await pods.start()
        await watcher.until(lambda: len(watcher.of(Listed)) == 2)
    missed = set(watcher.changes()[2:])
    assert missed == {(ChangeKind.MODIFIED, "a"), (ChangeKind.DELETED, "b"), (ChangeKind.ADDED, "c")}
    again = watcher.of(Listed)[1]
    assert isinstance(again, Listed)
    assert (again.is_first, again.count, again.added, again.modified, again.removed) == (False, 2, 1, 1, 1)
    assert "too old resource version" in again.reason and again.unseen_s > 0


async def test_watch_tells_events_that_stand_before_an_error(pods: KubeApi) -> None:
    state = WatchState(Ask("watch", PODS))
    assert state.take_line(b'{"type":"ADDED","object":{"metadata":{"uid":"1","name":"a","resourceVersion":"7"}}}')
    expired = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}'
    with pytest.raises(ResourceExpired, match="too old"):
        state.take_line(expired)
    assert state.resource_version == "7"
    with pytest.raises(TargetError, match="no object"):
        state.take_page([msgspec.Raw(b'{"metadata": 5}')])
    with pytest.raises(TargetError, match="no event"):
        state.take_line(b"<html>bad gateway</html>")


async def test_watch_waits_for_a_server_that_is_gone_and_resumes(pods: KubeApi, client: KubeClient) -> None:
    async with watching(client) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        await pods.stop()
        await watcher.until(lambda: len(watcher.of(Interrupted)) >= 3)
        await pods.start()
        await watcher.until(lambda: watcher.of(Resumed))
        await pods.put(PODS, "c", "shop")
        await watcher.until(lambda: ("ADDED", "c") in watcher.changes())
    first = watcher.of(Interrupted)[0]
    assert isinstance(first, Interrupted)
    assert "cannot be reached" in first.error.message or "broke" in first.error.message
    assert len(watcher.of(Listed)) == 1


async def test_watch_leaves_a_frozen_connection(pods: KubeApi, client: KubeClient) -> None:
    async with watching(client, WatchTimes(silence_s=0.3, backoff_first_s=0.02)) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        pods.is_frozen = True
        await pods.put(PODS, "c", "shop")
        opened = streams(pods)
        await pods.until(lambda: streams(pods) > opened)
        pods.is_frozen = False
        await watcher.until(lambda: ("ADDED", "c") in watcher.changes())
    assert len(watcher.of(Listed)) == 1


async def test_watch_stays_on_a_quiet_connection_that_sends_bookmarks(pods: KubeApi, client: KubeClient) -> None:
    pods.bookmark_s = 0.1
    async with watching(client, WatchTimes(silence_s=0.6)) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        await pods.until(lambda: pods.bookmarks >= 12)  # for twice the silence
        assert streams(pods) == 1


async def test_watch_opens_a_new_stream_when_the_server_ends_it(pods: KubeApi, client: KubeClient) -> None:
    async with watching(client, WatchTimes(server_s=1, steady_s=0.1)) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        await pods.until(lambda: streams(pods) == 2)
        await pods.put(PODS, "c", "shop")
        await watcher.until(lambda: ("ADDED", "c") in watcher.changes())
    assert not watcher.of(Interrupted) and len(watcher.of(Listed)) == 1


async def test_watch_obeys_retry_after(pods: KubeApi, client: KubeClient) -> None:
    async with watching(client) as watcher:
        await watcher.until(lambda: watcher.of(Listed))
        pods.throttle.append(1)
        pods.cut()
        await watcher.until(lambda: max(watcher.pauses(), default=0) >= 1)
        await watcher.until(lambda: watcher.of(Resumed))


@pytest.mark.parametrize("verb", ["list", "watch"])
async def test_watch_that_is_denied_says_which_verb_is_missing(pods: KubeApi, client: KubeClient, verb: str) -> None:
    pods.denied.add((verb, "pods"))
    async with watching(client) as watcher:
        await watcher.until(lambda: watcher.failure)
    assert isinstance(watcher.failure, Forbidden)
    assert watcher.failure.message.startswith(f"not allowed to {verb} pods in all namespaces")
    assert watcher.failure.facts["verb"] == verb
    assert len(watcher.of(Listed)) == (1 if verb == "watch" else 0)


async def test_watch_on_an_absent_type_ends(pods: KubeApi, client: KubeClient) -> None:
    with pytest.raises(NotFound, match="no resource type"):
        async for _ in watch_objects(client, ResourceType("absent.test", "v1", "things", "Thing")):
            pass


def test_backoff_doubles_up_to_its_limit_and_honours_a_wish() -> None:
    backoff = Backoff(first_s=1.0, max_s=4.0)
    pauses = [backoff.next_s() for _ in range(6)]
    for pause, limit in zip(pauses, (1, 2, 4, 4, 4, 4), strict=True):
        assert limit / 2 <= pause <= limit
    assert backoff.next_s(wish_s=30) == 30
    backoff.reset()
    assert backoff.next_s() <= 1


def test_state_tells_a_relisted_object_only_when_its_version_changed() -> None:
    def raw(name: str, version: int) -> msgspec.Raw:
        return msgspec.Raw(
            msgspec.json.encode({"metadata": {"uid": name, "name": name, "resourceVersion": str(version)}})
        )

    state = WatchState(Ask("list", PODS))
    state.begin_list()
    assert len(state.take_page([raw("a", 1), raw("b", 1)])) == 2
    state.end_list("5", "", 0)
    state.begin_list()
    state.take_page([raw("a", 9)])
    state.begin_list()  # the first try broke off: what it showed must not count twice
    assert state.take_page([raw("a", 9), raw("c", 2)]) == [Change(ChangeKind.ADDED, "c", "", "c", raw("c", 2))]
    gone, listed = state.end_list("9", "expired", 3.0)
    assert [(change.kind, change.name, change.object) for change in gone] == [(ChangeKind.DELETED, "b", None)]
    assert listed == Listed(False, 2, added=1, removed=1, reason="expired", unseen_s=3.0)
