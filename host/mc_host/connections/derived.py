"""Connections that nobody wrote down: the clusters that the host itself can reach."""

from __future__ import annotations

from collections.abc import Mapping

from mc_host.connections.types.kubernetes import KIND
from mc_host.resources import ConnectionResource, ConnectionSpec, Value, derived_id
from mc_kube.kubeconfig import ClusterAccess, find_in_cluster, kubeconfig_paths, read_kubeconfig
from mc_kube.kubeconfig_text import render_kubeconfig
from mc_wire.errors import NotFound

NAMESPACE = "host"
"""Policies name a cluster `connection://host/kubernetes:<context>`, a declared kubeconfig `connection://host/kubernetes`."""


def declared_cluster(kubeconfig: Value) -> ConnectionResource:
    """Return the cluster of the kubeconfig that a Plugin resource declares."""
    return _connection(KIND, derived_id("host", KIND, repr(kubeconfig)), kubeconfig)


def host_cluster(environ: Mapping[str, str], context: str = "") -> ConnectionResource:
    """Return one of the host's own clusters: of this context, else the current one. It reads files.

    The plugin gets that context alone, as a kubeconfig of its own. Raises: InvalidParams, NotFound.
    """
    access = find_access(environ, context)
    name = f"{KIND}:{access.context}"
    return _connection(name, derived_id("host", name, ""), render_kubeconfig(access))


def find_access(environ: Mapping[str, str], context: str) -> ClusterAccess:
    """Return how the host reaches a cluster, the current or own one without a context. Raises: NotFound."""
    kubeconfig = read_kubeconfig(kubeconfig_paths(environ))
    own = find_in_cluster(environ) if kubeconfig is None or not kubeconfig.contexts else None
    if own is not None and context in ("", own.context):
        return own
    if kubeconfig is None or not kubeconfig.contexts:
        hint = "declare one in the Plugin resource, or set KUBECONFIG for the host"
        raise NotFound("no kubeconfig: $KUBECONFIG names no file, and ~/.kube/config is absent", hint=hint)
    if context and context not in kubeconfig.contexts:
        raise NotFound(f"the host's kubeconfig has no context {context!r}, which the item is tagged with")
    return kubeconfig.get_access(context)


def _connection(name: str, own_id: str, kubeconfig: Value) -> ConnectionResource:
    spec = ConnectionSpec(type=KIND, certificate=kubeconfig)
    return ConnectionResource(id=own_id, name=name, namespace=NAMESPACE, spec=spec, origin="host")
