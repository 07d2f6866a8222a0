"""Plugin custom resources of a cluster: watched as declarations, answered with status conditions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mc_host.catalog.sources import SourceSink
from mc_host.catalog.sources.plugin_status import (
    Accepted,
    PluginCondition,
    PluginStatusBody,
    Ready,
    make_status,
)
from mc_host.resources import API_GROUP, PluginResource, parse_resource
from mc_kube.client import KubeClient
from mc_kube.kubeconfig import ClusterAccess
from mc_kube.resources import ResourceType
from mc_kube.watch import WatchTimes, watch_objects
from mc_kube.watched import Change, ChangeKind, Changes, Interrupted, Listed
from mc_wire.errors import InvalidParams, NotFound, OperationError

log = logging.getLogger(__name__)
PLUGINS = ResourceType(API_GROUP, "v1", "plugins", "Plugin")


class _Meta(msgspec.Struct, rename="camel"):
    uid: str
    name: str
    namespace: str = ""
    generation: int = 0


class _Head(msgspec.Struct):
    metadata: _Meta
    status: PluginStatusBody = msgspec.field(default_factory=PluginStatusBody)


class _Known(msgspec.Struct):
    head: _Head
    resource: PluginResource | None
    problem: str = ""


class PluginCrdSource:
    """The Plugin resources of one cluster, in all namespaces or in one."""

    def __init__(
        self,
        access: ClusterAccess,
        environ: Mapping[str, str],
        *,
        namespace: str = "",
        retry_s: float = 60.0,
        times: WatchTimes | None = None,
    ) -> None:
        self.access = access
        self._environ = environ
        self._namespace = namespace
        self._retry_s = retry_s
        self._times = times
        self._client: KubeClient | None = None
        self._known: dict[str, _Known] = {}
        self._problems: list[str] = []
        self._told: list[PluginResource] | None = None

    @property
    def name(self) -> str:
        """`plugins:<context>`."""
        return f"plugins:{self.access.context}"

    async def run(self, sink: SourceSink) -> None:
        """Tell the sink which plugins are declared until cancelled; a cluster without the CRD declares none."""
        async with KubeClient(self.access, self._environ) as client:
            self._client = client
            try:
                while True:
                    try:
                        await self._follow(client, sink)
                    except NotFound:
                        self._known.clear()
                        self._tell(sink, "")
                    except OperationError as exc:  # denied: what was declared before still runs
                        hint = f" ({exc.hint})" if exc.hint else ""
                        self._tell(sink, f"plugins of cluster {self.access.context}: {exc.message}{hint}")
                    await asyncio.sleep(self._retry_s)
            finally:
                self._client = None

    async def _follow(self, client: KubeClient, sink: SourceSink) -> None:
        is_listed, unlisted = False, set(self._known)
        watch = watch_objects(client, PLUGINS, self._namespace, times=self._times)
        async with aclosing(watch) as events:
            async for event in events:
                match event:
                    case Changes(changes):
                        unlisted.difference_update(change.uid for change in changes)
                        for change in changes:
                            self._take(change)
                        if is_listed:
                            self._tell(sink, "")
                    case Listed(is_first=True):
                        for uid in unlisted:
                            del self._known[uid]
                        is_listed = True
                        self._tell(sink, "")
                    case Interrupted(error=error):
                        log.warning("plugin watch interrupted", extra={"source": self.name, "error": error.message})

    def _take(self, change: Change) -> None:
        if change.kind is ChangeKind.DELETED or change.object is None:
            self._known.pop(change.uid, None)
            return
        try:
            head = msgspec.json.decode(change.object, type=_Head)
            origin = Path(f"cluster {self.access.context}") / change.namespace / change.name
            found = parse_resource(msgspec.json.decode(change.object), origin)
            assert isinstance(found, PluginResource)
            self._known[change.uid] = _Known(head, found)
        except (InvalidParams, msgspec.ValidationError) as exc:
            problem = f"plugin {change.namespace}/{change.name} of cluster {self.access.context}: {exc}"
            head = _Head(_Meta(change.uid, change.name, change.namespace))
            self._known[change.uid] = _Known(head, None, problem)

    def _tell(self, sink: SourceSink, problem: str) -> None:
        """Tell what differs from what was told: our own status changes come back as events and mean nothing new."""
        plugins = sorted(
            (one.resource for one in self._known.values() if one.resource is not None),
            key=lambda plugin: (plugin.namespace, plugin.name),
        )
        problems = [
            *([problem] if problem else []),
            *sorted(one.problem for one in self._known.values() if one.problem),
        ]
        if problems != self._problems:
            self._problems = problems
            sink.report_problems(self.name, problems)
        if plugins != self._told:
            self._told = plugins
            sink.replace_plugins(self.name, plugins)

    async def write_status(
        self, plugin_id: str, ready: Ready, accepted: Accepted | None = None, *, now: datetime | None = None
    ) -> bool:
        """Write how a plugin fares into its resource; False when it is not one of this cluster or says so already.

        Raises: Forbidden (names `patch` on `plugins/status`), TargetUnreachable, …
        """
        known = self._known.get(plugin_id)
        if known is None or self._client is None:
            return False
        meta = known.head.metadata
        wanted = make_status(
            known.head.status, meta.generation, ready, accepted or Accepted(), now or datetime.now(UTC)
        )
        if wanted == known.head.status:
            return False
        patch = {"status": msgspec.to_builtins(wanted)}
        try:
            await self._client.patch(PLUGINS, meta.name, patch, meta.namespace, subresource="status")
        except NotFound:
            return False  # deleted meanwhile
        known.head.status = wanted
        return True

    def list_declared(self) -> list[PluginResource]:
        """Return the plugins that are declared now."""
        return [one.resource for one in self._known.values() if one.resource is not None]

    def list_conditions(self, plugin_id: str) -> Sequence[PluginCondition]:
        """Return the conditions that the resource has now."""
        known = self._known.get(plugin_id)
        return known.head.status.conditions if known else ()
