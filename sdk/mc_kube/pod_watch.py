"""A target's pods for as long as somebody looks: who is there, who changed, who left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from mc_kube.client import KubeClient
from mc_kube.pods import Pod, decode_pod
from mc_kube.resources import JOBS, PODS
from mc_kube.targets import PodQuery, decode_metadata, is_job_of, is_owned
from mc_kube.watch import WatchTimes, watch_objects
from mc_kube.watched import ChangeKind, Changes, Interrupted, Listed, Resumed
from mc_wire.background import Background
from mc_wire.errors import OperationError


@dataclass(frozen=True)
class PodSeen:
    """A pod is there, or changed."""

    pod: Pod


@dataclass(frozen=True)
class PodGone:
    """A pod is no more."""

    uid: str
    namespace: str
    name: str


@dataclass(frozen=True)
class PodsListed:
    """Everything there was has been told; what comes next is news."""

    count: int


PodEvent = PodSeen | PodGone | PodsListed | Interrupted | Resumed
_BUFFERED = 1000  # events of two watches on their way to one reader; a full queue makes the watches wait


async def watch_pods(
    client: KubeClient, query: PodQuery, *, times: WatchTimes | None = None
) -> AsyncGenerator[PodEvent]:
    """Yield the target's pods and every change until closed.

    Raises: Forbidden that names what is missing (list and watch on pods, for a CronJob also on jobs), NotFound, ….
    """
    if query.cronjob:
        async with aclosing(_watch_cronjob(client, query, times)) as of_jobs:
            async for told in of_jobs:
                yield told
        return
    async with aclosing(watch_objects(client, PODS, query.namespace, params=query.params, times=times)) as events:
        async for event in events:
            if isinstance(event, Changes):
                for change in event.changes:
                    if change.kind is ChangeKind.DELETED:
                        yield PodGone(change.uid, change.namespace, change.name)
                    elif change.object is not None:
                        yield PodSeen(decode_pod(change.object))
            elif isinstance(event, Listed):
                yield PodsListed(event.count)
            elif isinstance(event, Interrupted | Resumed):
                yield event


class _CronJobPods:
    """Pods wait here until their Job is known to be the CronJob's."""

    def __init__(self) -> None:
        self.jobs: set[str] = set()
        self.waiting: dict[str, Pod] = {}
        self.told: set[str] = set()

    def take_pod(self, pod: Pod) -> list[PodEvent]:
        """Return what a change of a pod means for the CronJob."""
        if not is_owned(pod.metadata, self.jobs):
            self.waiting[pod.metadata.uid] = pod
            return []
        self.told.add(pod.metadata.uid)
        return [PodSeen(pod)]

    def take_job(self, uid: str) -> list[PodEvent]:
        """Return the pods that a Job brings."""
        self.jobs.add(uid)
        owned = [pod for pod in self.waiting.values() if is_owned(pod.metadata, self.jobs)]
        for pod in owned:
            del self.waiting[pod.metadata.uid]
        return [one for pod in owned for one in self.take_pod(pod)]

    def take_gone(self, gone: PodGone) -> list[PodEvent]:
        """Return the end of a pod that was told."""
        self.waiting.pop(gone.uid, None)
        if gone.uid not in self.told:
            return []
        self.told.discard(gone.uid)
        return [gone]


async def _watch_cronjob(client: KubeClient, query: PodQuery, times: WatchTimes | None) -> AsyncGenerator[PodEvent]:
    pods, background = _CronJobPods(), Background()
    news: asyncio.Queue[PodEvent | str | OperationError] = asyncio.Queue(_BUFFERED)
    plain = PodQuery(query.namespace, label_selector=query.label_selector)
    background.spawn(_forward_jobs(client, query, times, news), name="watch jobs of a cronjob")
    background.spawn(_forward_pods(client, plain, times, news), name="watch pods of a cronjob")
    lists_missing, count = 2, 0
    try:
        while True:
            told = await news.get()
            if isinstance(told, OperationError):
                raise told
            if isinstance(told, PodsListed):
                lists_missing -= 1
                if lists_missing == 0:
                    yield PodsListed(count)
                continue
            if isinstance(told, str):
                found = pods.take_job(told)
            elif isinstance(told, PodSeen):
                found = pods.take_pod(told.pod)
            elif isinstance(told, PodGone):
                found = pods.take_gone(told)
            else:
                found = [told]
            count = len(pods.told)
            for one in found:
                yield one
    finally:
        await background.aclose()


async def _forward_pods(
    client: KubeClient,
    query: PodQuery,
    times: WatchTimes | None,
    news: asyncio.Queue[PodEvent | str | OperationError],
) -> None:
    try:
        async with aclosing(watch_pods(client, query, times=times)) as events:
            async for event in events:
                await news.put(event)
    except OperationError as exc:
        await news.put(exc)


async def _forward_jobs(
    client: KubeClient,
    query: PodQuery,
    times: WatchTimes | None,
    news: asyncio.Queue[PodEvent | str | OperationError],
) -> None:
    try:
        async with aclosing(watch_objects(client, JOBS, query.namespace, times=times)) as events:
            async for event in events:
                if isinstance(event, Changes):
                    for change in event.changes:
                        if change.object is None or change.kind is ChangeKind.DELETED:
                            continue
                        if is_job_of(decode_metadata(change.object), query):
                            await news.put(change.uid)
                elif isinstance(event, Listed):
                    await news.put(PodsListed(event.count))
    except OperationError as exc:
        await news.put(exc)
