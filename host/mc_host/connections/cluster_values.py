"""Values of connections that lie in the host's own cluster: keys of Secrets and ConfigMaps."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterable, Mapping

import msgspec

from mc_host.connections.derived import find_access
from mc_host.resources import KeyRef
from mc_kube.client import KubeClient
from mc_kube.resources import SECRETS, ResourceType
from mc_wire.errors import NotFound, OperationError

DEFAULT_NAMESPACE = "default"


class _Data(msgspec.Struct):
    data: dict[str, str] | None = None


async def read_cluster_values(
    environ: Mapping[str, str], refs: Iterable[tuple[ResourceType, KeyRef]], namespace: str
) -> dict[tuple[ResourceType, KeyRef], str]:
    """Return the text of each key, from objects of `namespace` alone.

    Raises: NotFound (no cluster, object or key), Forbidden that names the right, TargetUnreachable.
    """
    wanted = list(refs)
    if not wanted:
        return {}
    access = await asyncio.to_thread(find_access, environ, "")
    where = namespace or DEFAULT_NAMESPACE
    found: dict[tuple[ResourceType, KeyRef], str] = {}
    async with KubeClient(access, environ) as client:
        for kind, ref in wanted:
            data = msgspec.json.decode(await client.get(kind, ref.name, where), type=_Data).data or {}
            if ref.key not in data:
                raise NotFound(f'{kind.kind} {where}/{ref.name} has no key "{ref.key}"')
            found[kind, ref] = _text(kind, ref, data[ref.key])
    return found


def _text(kind: ResourceType, ref: KeyRef, value: str) -> str:
    if kind is not SECRETS:
        return value
    try:
        return base64.b64decode(value).decode().rstrip("\r\n")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise OperationError(f"{kind.kind} {ref.name}: key {ref.key!r} is not text") from exc
