"""The workloads of one cluster, live: one watch per kind, and what is denied or stale said by name."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.sources import SourceSink
from mc_host.catalog.sources.kubernetes_items import ClusterName, Owners, item_id, make_broken_item, make_item
from mc_host.catalog.sources.kubernetes_objects import KINDS
from mc_host.resources import derived_id
from mc_kube.client import KubeClient
from mc_kube.kubeconfig import ClusterAccess
from mc_kube.resources import NAMESPACES, PODS, ResourceType
from mc_kube.watch import Backoff, WatchTimes, watch_objects
from mc_kube.watched import Change, ChangeKind, Changes, Following, Interrupted, Listed, Resumed
from mc_wire.errors import Forbidden, NotFound, OperationError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceTimes:
    """How patient the source is, in seconds."""

    denied_retry_s: float = 60.0
    """A right may be granted later; until then a list that may be read but not watched is read that often."""
    owners_first_s: float = 10.0
    """How long pods wait for the lists of what owns them."""
    watch: WatchTimes = field(default_factory=WatchTimes)


class _Uid(msgspec.Struct):
    uid: str = ""


class _Named(msgspec.Struct):
    metadata: _Uid


class KubernetesSource:
    """One context's cluster as a catalog source."""

    def __init__(
        self,
        access: ClusterAccess,
        environ: Mapping[str, str],
        *,
        kinds: Sequence[ResourceType] = KINDS,
        times: SourceTimes | None = None,
        claims: dict[str, str] | None = None,
    ) -> None:
        """`claims` (cluster uid to context) is shared by all sources: two contexts of one cluster are shown once."""
        self.access = access
        self._environ = environ
        self._kinds = kinds
        self._times = times or SourceTimes()
        self.followed: set[str] = set()
        """Plural names of the kinds whose changes arrive now."""
        self._problems: dict[str, str] = {}
        self._cut_off: set[ResourceType] = set()
        self._claims = {} if claims is None else claims

    @property
    def name(self) -> str:
        """`kubernetes:<context>`."""
        return f"kubernetes:{self.access.context}"

    async def run(self, sink: SourceSink) -> None:
        """Keep the catalog's picture of the cluster true until cancelled."""
        try:
            async with KubeClient(self.access, self._environ) as client:
                cluster = await self._identify(client, sink)
                while (holder := self._claims.setdefault(cluster.uid, self.access.context)) != self.access.context:
                    self.report(sink, "cluster", f"is the same cluster as context {holder}, and shown there")
                    await asyncio.sleep(self._times.denied_retry_s)
                self.report(sink, "cluster", "")
                try:
                    await self._follow_all(client, cluster, sink)
                finally:
                    del self._claims[cluster.uid]
        except OperationError as exc:
            # Only the configuration fails here (a proxy of an unknown kind): trying again would not help.
            self.report(sink, "configuration", _describe(exc))

    async def _follow_all(self, client: KubeClient, cluster: ClusterName, sink: SourceSink) -> None:
        owners = Owners()
        known = {kind: asyncio.Event() for kind in self._kinds}
        async with asyncio.TaskGroup() as group:
            for kind in self._kinds:
                follower = _Follower(self, client, cluster, kind, owners, sink)
                waits_for = [known[one] for one in self._kinds if one != PODS] if kind == PODS else []
                group.create_task(follower.run(known[kind], waits_for), name=f"{self.name} {kind.plural}")

    async def _identify(self, client: KubeClient, sink: SourceSink) -> ClusterName:
        """Return which cluster this is, as soon as it answers."""
        backoff = Backoff(self._times.watch.backoff_first_s, self._times.watch.backoff_max_s)
        while True:
            try:
                raw = await client.get(NAMESPACES, "kube-system")
                uid = msgspec.json.decode(raw, type=_Named).metadata.uid
            except (Forbidden, NotFound):
                # A namespace's own account may not see it: the address tells clusters apart as long as it stays.
                uid = derived_id("kubernetes", self.access.server, "")
            except OperationError as exc:
                self.report(sink, "connection", f"no answer yet: {_describe(exc)}")
                await asyncio.sleep(backoff.next_s())
                continue
            self.report(sink, "connection", "")
            return ClusterName(uid, self.access.cluster, self.access.context)

    def report(self, sink: SourceSink, subject: str, problem: str) -> None:
        """Note what is wrong with one subject, or with an empty text that nothing is; tells the sink of changes."""
        if self._problems.get(subject, "") == problem:
            return
        self._problems.pop(subject, None)
        if problem:
            self._problems[subject] = problem
            log.warning("cluster problem", extra={"source": self.name, "subject": subject, "problem": problem})
        context = f"cluster {self.access.context}"
        sink.report_problems(self.name, [f"{context}: {self._problems[one]}" for one in sorted(self._problems)])

    def note_cut_off(self, sink: SourceSink, kind: ResourceType, error: OperationError | None) -> None:
        """Note that a kind's watch has lost the API server, or has it again; one problem stands for all kinds."""
        was_cut_off = bool(self._cut_off)
        if error is None:
            self._cut_off.discard(kind)
        else:
            self._cut_off.add(kind)
        if not self._cut_off:
            self.report(sink, "connection", "")
        elif error is not None and not was_cut_off:
            since = datetime.now().astimezone().strftime("%H:%M:%S")
            self.report(sink, "connection", f"items are as of {since}: {_describe(error)}")


class _Follower:
    """One kind of one cluster."""

    def __init__(
        self,
        source: KubernetesSource,
        client: KubeClient,
        cluster: ClusterName,
        kind: ResourceType,
        owners: Owners,
        sink: SourceSink,
    ) -> None:
        self._source = source
        self._client = client
        self._cluster = cluster
        self._kind = kind
        self._owners = owners
        self._sink = sink
        self._uids: set[str] = set()
        self._times = source._times

    async def run(self, is_known: asyncio.Event, waits_for: Sequence[asyncio.Event]) -> None:
        """Follow the kind across all namespaces, or in the context's own where no more is granted."""
        try:
            async with asyncio.timeout(self._times.owners_first_s):
                for owner in waits_for:
                    await owner.wait()
        except TimeoutError:
            log.info("owners are late", extra={"source": self._source.name})
        while True:
            scopes = ["", self._source.access.namespace] if self._kind.is_namespaced else [""]
            problem = ""
            for scope in scopes:
                try:
                    await self._follow(scope, problem, is_known)
                except Forbidden as exc:
                    is_known.set()
                    problem = problem or _describe(exc)
                    if exc.facts.get("verb") == "watch":  # what was listed stays, and is listed again
                        break
                except OperationError as exc:
                    is_known.set()
                    problem = _describe(exc)
                    break
            else:
                self._forget_all()
            self._source.followed.discard(self._kind.plural)
            self._source.report(self._sink, self._kind.qualified, problem)
            self._source.note_cut_off(self._sink, self._kind, None)
            await asyncio.sleep(self._times.denied_retry_s)

    async def _follow(self, scope: str, denied: str, is_known: asyncio.Event) -> None:
        """Keep the items of one scope; `denied` is what a wider scope said."""
        unlisted = set(self._uids)  # of an earlier watch: what the first list does not show is gone
        watch = watch_objects(self._client, self._kind, scope, times=self._times.watch)
        async with aclosing(watch) as events:
            async for event in events:
                match event:
                    case Changes(changes):
                        unlisted.difference_update(change.uid for change in changes)
                        await self._apply(changes)
                    case Listed(is_first=is_first):
                        if is_first:
                            self._remove(unlisted)
                            is_known.set()
                        else:
                            log.info("listed again", extra={"resource": self._kind.qualified, "event": str(event)})
                        self._source.note_cut_off(self._sink, self._kind, None)
                    case Following():
                        self._source.followed.add(self._kind.plural)
                        limit = f"only namespace {scope} is shown: {denied}" if denied else ""
                        self._source.report(self._sink, self._kind.qualified, limit)
                    case Interrupted(error=error):
                        is_known.set()
                        self._source.note_cut_off(self._sink, self._kind, error)
                    case Resumed():
                        self._source.note_cut_off(self._sink, self._kind, None)

    async def _apply(self, changes: Sequence[Change]) -> None:
        """Turn changes into items off the loop, and tell the sink."""
        upserted, removed = await asyncio.to_thread(self._convert, changes)
        self._uids.difference_update(removed)
        self._uids.update(upserted)
        self._sink.update_items(self._source.name, upserted.values(), [self._id(uid) for uid in removed])

    def _convert(self, changes: Sequence[Change]) -> tuple[dict[str, CatalogItem], list[str]]:
        """Return the items by uid and the uids that are gone; the last change of an object counts."""
        upserted: dict[str, CatalogItem] = {}
        removed: dict[str, None] = {}
        for change in changes:
            if change.kind is ChangeKind.DELETED or change.object is None:
                upserted.pop(change.uid, None)
                removed[change.uid] = None
                self._owners.forget(change.uid)
                continue
            removed.pop(change.uid, None)
            try:
                upserted[change.uid] = make_item(self._cluster, self._kind, change.object, self._owners)
            except msgspec.MsgspecError as exc:
                log.warning("object cannot be read", extra={"object": change.name, "error": str(exc)})
                broken = make_broken_item(self._cluster, self._kind, change.uid, change.namespace, change.name)
                upserted[change.uid] = broken
        return upserted, list(removed)

    def _forget_all(self) -> None:
        self._remove(set(self._uids))

    def _remove(self, uids: set[str]) -> None:
        if uids:
            self._uids -= uids
            self._sink.update_items(self._source.name, (), [self._id(uid) for uid in uids])

    def _id(self, uid: str) -> str:
        return item_id(self._cluster.uid, uid)


def _describe(exc: OperationError) -> str:
    return f"{exc.message} ({exc.hint})" if exc.hint else exc.message
