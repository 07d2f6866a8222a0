"""The one door for what goes wrong between us and an API server: statuses and transport failures as OperationErrors."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from mc_kube.resources import ResourceType
from mc_wire.errors import (
    Conflict,
    Forbidden,
    InvalidParams,
    NotFound,
    NotSupported,
    OperationError,
    TargetError,
    TargetRefused,
    TargetTimeout,
    TargetUnreachable,
    TooLarge,
)

MAX_TEXT = 512  # a body may hold what was sent, secrets included
_USER = re.compile(r'User "([^"]+)"')


class ResourceExpired(TargetError):
    """The resource version or continue token is too old: list again."""


class Throttled(TargetRefused):
    """The API server has too much to do; `retry_after_s` is its wish, 0 when it has none."""

    def __init__(self, message: str, *, retry_after_s: float = 0.0, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Ask:
    """What was asked of the API server, in RBAC's terms."""

    verb: str
    type: ResourceType | None = None
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    path: str = ""
    """For requests that are not about a resource."""

    @property
    def resource(self) -> str:
        """`pods`, `deployments.apps`, `pods/exec`."""
        if self.type is None:
            return self.path
        return f"{self.type.plural}/{self.subresource}" if self.subresource else self.type.qualified

    @property
    def scope(self) -> str:
        """` in namespace "shop"`, ` in all namespaces`, or nothing for cluster-wide resources."""
        if self.type is None or not self.type.is_namespaced:
            return ""
        return f' in namespace "{self.namespace}"' if self.namespace else " in all namespaces"

    def __str__(self) -> str:
        name = f' "{self.name}"' if self.name else ""
        return f"{self.verb} {self.resource}{name}{self.scope}"

    def check_command(self, user: str = "") -> str:
        """Return the command that shows whether the right is there."""
        if self.type is None:
            words = [self.verb, self.path]
        else:
            words = [self.verb, self.type.qualified]
            words += [f"--subresource={self.subresource}"] if self.subresource else []
            words += ["-n", self.namespace] if self.namespace else ["-A"] if self.type.is_namespaced else []
        return " ".join(["kubectl auth can-i", *words, *([f"--as={user}"] if user else [])])


class _Details(msgspec.Struct):
    retry_after: float = msgspec.field(default=0.0, name="retryAfterSeconds")


class ApiStatus(msgspec.Struct):
    """The `Status` object of a failed request or of a watch's ERROR event."""

    message: str = ""
    reason: str = ""
    code: int = 0
    details: _Details | None = None


def parse_status(body: bytes, http_status: int = 0) -> ApiStatus:
    """Return the Status in a body; proxies and the kubelet answer plain text, which becomes its message."""
    try:
        status = msgspec.json.decode(body, type=ApiStatus)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        status = ApiStatus(message=body[:MAX_TEXT].decode(errors="replace").strip())
    status.code = http_status or status.code
    status.message = status.message[:MAX_TEXT]
    return status


def status_error(status: ApiStatus, ask: Ask, retry_after_s: float = 0.0) -> OperationError:
    """Return the error that a Status means for `ask`."""
    text = status.message or status.reason or f"HTTP {status.code}"
    facts: dict[str, Any] = {"reason": status.reason or None, "status": status.code}
    match status.code:
        case 403:
            return _denied(text, ask, facts)
        case 401:
            hint = "the credentials have expired or belong to another cluster: check with kubectl auth whoami"
            return TargetRefused(f"the API server does not accept our credentials: {text}", hint=hint, **facts)
        case 404 if ask.type is not None and not status.reason:  # plain text: the path itself is unknown
            return NotFound(f'the API server has no resource type "{ask.type.qualified}" ({ask.type.version})', **facts)
        case 404:
            return NotFound(text, **facts)
        case 409:
            return Conflict(text, **facts)
        case 410:
            return ResourceExpired(text, **facts)
        case 413:
            return TooLarge(text, **facts)
        case 400 | 422:
            return InvalidParams(text, **facts)
        case 405 | 406 | 415:
            return NotSupported(f"cannot {ask}: {text}", **facts)
        case 429:
            wish = retry_after_s or (status.details.retry_after if status.details else 0.0)
            return Throttled(f"cannot {ask} now: {text}", retry_after_s=wish, **facts)
        case 504 if "Too large resource version" in text:  # the cluster's store was restored from an older copy
            return ResourceExpired(text, **facts)
        case 504:
            return TargetTimeout(f"cannot {ask}: {text}", **facts)
        case _:
            return TargetError(f"cannot {ask}: {text}", **facts)


def _denied(text: str, ask: Ask, facts: dict[str, Any]) -> Forbidden:
    found = _USER.search(text)
    if found is None and " is forbidden: " in text:
        return Forbidden(text, **facts)  # admission (a quota, a policy), which no RBAC rule would change
    user = found[1] if found else ""
    group = ask.type.group if ask.type else None
    hint = f"needs verb {ask.verb!r} on {ask.resource!r}{ask.scope}; check with: {ask.check_command(user)}"
    rbac = {"verb": ask.verb, "resource": ask.resource, "group": group, "namespace": ask.namespace or None}
    who = f" as {user}" if user else ""
    return Forbidden(f"not allowed to {ask}{who}", hint=hint, detail=text, user=user or None, **rbac, **facts)


@contextmanager
def translated(server: str) -> Iterator[None]:
    """Turn what aiohttp, ssl and sockets raise inside into OperationErrors that name `server`."""
    try:
        yield
    except (aiohttp.ClientError, ssl.SSLError, OSError, TimeoutError) as exc:
        raise transport_error(exc, server) from exc


def transport_error(exc: Exception, server: str) -> OperationError:
    """Return the error for a request that got no answer; the most specific rule wins."""
    text = str(exc)[:MAX_TEXT] or type(exc).__name__
    match exc:
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            hint = "check certificate-authority and tls-server-name of the cluster in the kubeconfig"
            return TargetUnreachable(f"{server} shows a certificate that is not trusted: {text}", hint=hint)
        case aiohttp.ClientHttpProxyError():
            return TargetUnreachable(f"the proxy refuses the way to {server}: {exc.status} {exc.message}")
        case aiohttp.ClientProxyConnectionError():
            return TargetUnreachable(f"the proxy on the way to {server} cannot be reached: {text}")
        case aiohttp.ClientConnectorDNSError():
            return TargetUnreachable(f"the name of {server} cannot be resolved: {text}")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return TargetUnreachable(f"no TLS connection with {server}: {text}")
        case aiohttp.InvalidURL():
            return InvalidParams(f"{server!r} is not an address of an API server: {text}")
        case TimeoutError():  # aiohttp's time-outs are children of both
            return TargetTimeout(f"{server} did not answer in time")
        case aiohttp.ClientConnectorError():
            return TargetUnreachable(f"{server} cannot be reached: {text}")
        case _:
            return TargetUnreachable(f"the connection to {server} broke: {text}")
