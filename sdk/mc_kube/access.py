"""What the presented identity may do, asked of the API server itself."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from mc_kube.client import KubeClient
from mc_kube.errors import Ask
from mc_kube.resources import ACCESS_REVIEWS
from mc_wire.errors import Forbidden


class _Verdict(msgspec.Struct):
    allowed: bool = False
    reason: str = ""


class _Review(msgspec.Struct):
    status: _Verdict = msgspec.field(default_factory=_Verdict)


async def is_allowed(client: KubeClient, ask: Ask) -> bool:
    """May the client's identity do `ask`? Raises: OperationError when the server does not say."""
    if ask.type is None:
        spec = {"nonResourceAttributes": {"path": ask.path, "verb": ask.verb}}
    else:
        wanted = {
            "verb": ask.verb,
            "group": ask.type.group,
            "resource": ask.type.plural,
            "subresource": ask.subresource,
            "namespace": ask.namespace,
            "name": ask.name,
        }
        spec = {"resourceAttributes": {name: value for name, value in wanted.items() if value}}
    body = {"apiVersion": ACCESS_REVIEWS.api_version, "kind": ACCESS_REVIEWS.kind, "spec": spec}
    return msgspec.json.decode(await client.create(ACCESS_REVIEWS, body), type=_Review).status.allowed


async def require(client: KubeClient, asks: Iterable[Ask]) -> None:
    """Check several rights at once. Raises: Forbidden that names every missing one and how to check them."""
    missing = [ask for ask in asks if not await is_allowed(client, ask)]
    if missing:
        hint = "check with: " + "; ".join(ask.check_command() for ask in missing)
        raise Forbidden(
            "not allowed to " + ", ".join(map(str, missing)),
            hint=hint,
            missing=[{"verb": ask.verb, "resource": ask.resource, "namespace": ask.namespace} for ask in missing],
        )
