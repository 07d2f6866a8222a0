"""Which clusters the host looks at: the kubeconfig's contexts, else the pod's own service account."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mc_host.catalog.sources import CatalogSource, SourceSink
from mc_host.catalog.sources.kubernetes import KubernetesSource
from mc_host.catalog.sources.plugin_crd import PluginCrdSource
from mc_kube.kubeconfig import (
    SERVICE_ACCOUNT_DIR,
    ClusterAccess,
    Kubeconfig,
    find_in_cluster,
    kubeconfig_paths,
    read_kubeconfig,
)
from mc_wire.background import Background
from mc_wire.errors import OperationError

ALL = "*"
INTERVAL_S = 1.5
"""Between two looks at the kubeconfig's files: tools that make clusters and sign in write them anew."""
IN_CLUSTER = "in-cluster"
_Stamps = list[tuple[int, int] | None]


@dataclass
class _RunningCluster:
    access: ClusterAccess
    sources: list[CatalogSource]
    background: Background = field(default_factory=Background)


class ClusterSources:
    """The source of all clusters: starts and stops one per context as the kubeconfig changes."""

    name = "kubernetes"

    def __init__(
        self,
        environ: Mapping[str, str],
        contexts: Sequence[str] = (),
        *,
        plugin_context: str = IN_CLUSTER,
        plugin_namespace: str = "",
        service_account_dir: Path = SERVICE_ACCOUNT_DIR,
        interval_s: float = INTERVAL_S,
    ) -> None:
        """Plugin resources are taken from `plugin_context` alone: two hosts on one cluster's would fight over them."""
        self._environ = environ
        self._contexts = contexts
        self._plugin_context = plugin_context
        self._plugin_namespace = plugin_namespace
        self._service_account_dir = service_account_dir
        self._interval_s = interval_s
        self._claims: dict[str, str] = {}
        self._kept: tuple[str, ...] = ()
        self._running: dict[str, _RunningCluster] = {}

    async def run(self, sink: SourceSink) -> None:
        """Keep a source running per cluster until cancelled."""
        seen: _Stamps | None = None
        applied: _Stamps | None = None
        try:
            while True:
                before, seen = seen, await asyncio.to_thread(_stamps, kubeconfig_paths(self._environ))
                # A file that is just being written may look empty: a change counts once it has stayed for a look.
                if applied is None or (seen != applied and seen == before):
                    applied = seen
                    await self._look(sink)
                await asyncio.sleep(self._interval_s)
        finally:
            for one in self._running.values():
                await one.background.aclose()
            self._running.clear()

    async def _look(self, sink: SourceSink) -> None:
        """Read the kubeconfig; one that cannot be read ends nothing."""
        try:
            found, problems = await asyncio.to_thread(self._find)
        except OperationError as exc:
            sink.report_problems(self.name, [exc.message])
            return
        sink.report_problems(self.name, problems)
        await self._apply(sink, found)

    def _find(self) -> tuple[list[ClusterAccess], list[str]]:
        """Without named contexts, the first current one stays: switching it is meant for a shell."""
        found, problems = find_clusters(self._environ, self._contexts or self._kept, self._service_account_dir)
        if not found and self._kept:
            found, problems = find_clusters(self._environ, (), self._service_account_dir)
        if not self._contexts:
            self._kept = tuple(access.context for access in found)
        return found, problems

    async def _apply(self, sink: SourceSink, found: Sequence[ClusterAccess]) -> None:
        wanted = {access.context: access for access in found}
        for context in [name for name, one in self._running.items() if wanted.get(name) != one.access]:
            ended = self._running.pop(context)
            await ended.background.aclose()
            for source in ended.sources:
                sink.replace_items(source.name, ())
                sink.replace_plugins(source.name, ())
                sink.report_problems(source.name, ())
        for context, access in wanted.items():
            if context not in self._running:
                started = _RunningCluster(access, self._make_sources(access))
                self._running[context] = started
                for source in started.sources:
                    started.background.spawn(source.run(sink), name=source.name)

    def _make_sources(self, access: ClusterAccess) -> list[CatalogSource]:
        sources: list[CatalogSource] = [KubernetesSource(access, self._environ, claims=self._claims)]
        if access.context == self._plugin_context:
            sources.append(PluginCrdSource(access, self._environ, namespace=self._plugin_namespace))
        return sources

    def list_plugin_sources(self) -> list[PluginCrdSource]:
        """Return where Plugin resources are taken from now."""
        sources = [source for one in self._running.values() for source in one.sources]
        return [source for source in sources if isinstance(source, PluginCrdSource)]


def _stamps(paths: Iterable[Path]) -> _Stamps:
    stamps: _Stamps = []
    for path in paths:
        try:
            found = path.stat()
            stamps.append((found.st_mtime_ns, found.st_size))
        except OSError:
            stamps.append(None)
    return stamps


def find_clusters(
    environ: Mapping[str, str], contexts: Sequence[str] = (), service_account_dir: Path = SERVICE_ACCOUNT_DIR
) -> tuple[list[ClusterAccess], list[str]]:
    """Return the clusters and what is wrong with those that cannot be used.

    Without `contexts` it is the current one alone: others may be far away, large, or ask for a sign-in.
    Raises: InvalidParams when the kubeconfig cannot be read.
    """
    kubeconfig = read_kubeconfig(kubeconfig_paths(environ))
    if kubeconfig is None or not kubeconfig.contexts:
        own = find_in_cluster(environ, service_account_dir)
        return ([own] if own else []), []
    found, problems = [], []
    for name in _pick(kubeconfig, contexts):
        try:
            found.append(kubeconfig.get_access(name))
        except OperationError as exc:
            problems.append(exc.message)
    return found, problems


def _pick(kubeconfig: Kubeconfig, contexts: Sequence[str]) -> list[str]:
    """The current context comes first: of two contexts of one cluster the first is shown."""
    current = [kubeconfig.current_context] if kubeconfig.current_context else []
    wanted = kubeconfig.contexts if ALL in contexts else list(contexts) or current
    return sorted(dict.fromkeys(wanted), key=lambda name: name != kubeconfig.current_context)
