"""Connections that nobody wrote down: the host's own cluster, by its kubeconfig."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mc_host.connections.types.kubernetes import KIND
from mc_host.resources import ConnectionResource, ConnectionSpec, Value, ValueFrom, ValueSource, derived_id
from mc_wire.errors import NotFound

NAMESPACE = "host"
"""Policies name it `connection://host/kubernetes`."""


def host_cluster(environ: Mapping[str, str], declared: Value | None) -> ConnectionResource:
    """Return the cluster of the declared kubeconfig, else of the host's own. It blocks. Raises: NotFound."""
    kubeconfig = declared or ValueSource(value_from=ValueFrom(file=str(_find_file(environ))))
    spec = ConnectionSpec(type=KIND, certificate=kubeconfig)
    own_id = derived_id("host", KIND, repr(declared) if declared else "")
    return ConnectionResource(id=own_id, name=KIND, namespace=NAMESPACE, spec=spec, origin="host")


def _find_file(environ: Mapping[str, str]) -> Path:
    named = [Path(part) for part in environ.get("KUBECONFIG", "").split(":") if part]
    default = Path(environ.get("HOME", "/")) / ".kube/config"
    for path in [*named, default]:
        if path.is_file():
            return path
    raise NotFound("no kubeconfig: the plugin declares none, $KUBECONFIG names no file, and ~/.kube/config is absent")
