"""The log file of a container on this machine, by its id."""

from __future__ import annotations

import re
from pathlib import Path

from mc_kubernetes_logs.local.files import LogFile, find_file
from mc_sdk import JSON, InvalidParams, NotFound

_ID = re.compile(r"[0-9a-f]{12,64}")
_PLACES = (
    "/var/lib/docker/containers/{id}*/{id}*-json.log",
    "/var/lib/containers/storage/overlay-containers/{id}*/userdata/ctr.log",
    "/var/log/containers/*-{id}*.log",
)
"""Where Docker, Podman and the kubelet keep a container's log."""


def find_container_log(properties: dict[str, JSON]) -> LogFile:
    """Return the log of the item's container. Raises: InvalidParams, NotFound."""
    path = properties.get("path")
    if isinstance(path, str) and path:
        return find_file(path)
    id = properties.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise InvalidParams("the item has neither a path nor a container id", field="id")
    for place in _PLACES:
        for found in sorted(Path("/").glob(place.format(id=id).lstrip("/"))):
            return find_file(str(found.resolve()))
    raise NotFound(f"no log of container {id} on this machine", hint="give the item the path of the log file")
