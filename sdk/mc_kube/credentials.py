"""What a client presents with each request: read from files and programs again when it rotates or is refused."""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from mc_kube.exec_plugin import ExecCredentials, run_exec_plugin
from mc_kube.kubeconfig import ClusterAccess, ExecPlugin, Impersonation
from mc_kube.tls import TlsMaterial, make_context, read_tls
from mc_wire.errors import InvalidParams, NotSupported, OperationError, TargetRefused

REREAD_S = 60.0
"""How long files are trusted; kubelets rotate tokens long before they end."""
EXEC_PAUSE_S = 15.0
"""Shortest time between two runs of an exec plugin: every watch of a refused context asks, and some open a browser."""
_EXPIRY_MARGIN = timedelta(seconds=30)


class Credentials:
    """Headers and TLS context of one context, never older than `reread_s`."""

    def __init__(
        self,
        access: ClusterAccess,
        environ: Mapping[str, str],
        reread_s: float = REREAD_S,
        exec_pause_s: float = EXEC_PAUSE_S,
    ) -> None:
        self._access = access
        self._environ = environ
        self._reread_s = reread_s
        self._lock = asyncio.Lock()
        self._read_at = -1e9
        self._exec = ExecCredentials()
        self._exec_is_fresh = False
        self._exec_at = -1e9
        self._exec_pause_s = exec_pause_s
        self._exec_failure: OperationError | None = None
        self._headers: dict[str, str] = {}
        self._material = TlsMaterial()
        self._context: ssl.SSLContext | None = None

    async def get(self) -> tuple[list[tuple[str, str]], ssl.SSLContext | None]:
        """Return the headers, and the TLS context (None for an http server). Raises: OperationError."""
        async with self._lock:
            if self._access.exec_plugin is not None and not self._is_exec_usable():
                await self._run_plugin(self._access.exec_plugin)
            if time.monotonic() - self._read_at > self._reread_s:
                await asyncio.to_thread(self._reread)
                self._read_at = time.monotonic()
            return [*self._headers.items(), *_impersonation_headers(self._access.impersonation)], self._context

    async def _run_plugin(self, plugin: ExecPlugin) -> None:
        """Ask the program; one that has just failed is not asked again, its error stands."""
        if self._exec_failure is not None and time.monotonic() - self._exec_at < self._exec_pause_s:
            raise self._exec_failure
        try:
            self._exec = await run_exec_plugin(self._access, plugin, self._environ)
            self._exec_failure = None
        except OperationError as exc:
            self._exec_failure = exc
            raise
        finally:
            self._exec_at = time.monotonic()
        self._exec_is_fresh, self._read_at = True, -1e9

    def refuse(self) -> None:
        """Note that the server did not accept what `get` returned: everything is read anew next time."""
        self._read_at = -1e9
        if time.monotonic() - self._exec_at >= self._exec_pause_s:
            self._exec_is_fresh = False

    def _is_exec_usable(self) -> bool:
        expires_at = self._exec.expires_at
        is_alive = expires_at is None or expires_at - _EXPIRY_MARGIN > datetime.now(UTC)
        return self._exec_is_fresh and is_alive

    def _reread(self) -> None:
        access = self._access
        self._headers = _authorization(access, self._exec)
        if not access.server.startswith("https:"):
            return
        material = read_tls(access, self._exec.certificate, self._exec.key)
        if self._context is None or material != self._material:
            self._context, self._material = make_context(material), material


def _authorization(access: ClusterAccess, printed: ExecCredentials) -> dict[str, str]:
    token = _read_token(access, printed)
    if token:
        # Checked here, since a line break would otherwise surface as a protocol error that shows the token.
        if not token.isascii() or not token.isprintable() or " " in token:
            raise InvalidParams(f"the token of context {access.context!r} is not a token: it has blanks or line breaks")
        return {"Authorization": f"Bearer {token}"}
    if access.username:
        pair = f"{access.username}:{access.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _read_token(access: ClusterAccess, printed: ExecCredentials) -> str:
    if printed.token:
        return printed.token
    if access.token_file is not None:
        try:
            token = access.token_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise InvalidParams(f"token file {access.token_file} cannot be read: {exc}") from exc
        if not token:
            raise InvalidParams(f"token file {access.token_file} is empty")
        return token
    if access.token:
        return access.token
    if access.auth_provider is not None:
        return _provider_token(access)
    return ""


def _provider_token(access: ClusterAccess) -> str:
    """Return the id token that kubectl left in the kubeconfig; renewing it is kubectl's job, or the file goes stale."""
    provider = access.auth_provider or {}
    name = str(provider.get("name"))
    if name != "oidc":
        hint = "kubectl has dropped it as well: use an exec plugin such as gke-gcloud-auth-plugin or kubelogin"
        raise NotSupported(f"auth-provider {name!r} of context {access.context!r} is not supported", hint=hint)
    token = str((provider.get("config") or {}).get("id-token") or "")
    expires_at = _token_end(token)
    if expires_at is None or expires_at - _EXPIRY_MARGIN < datetime.now(UTC):
        hint = "any kubectl command renews it; an exec plugin (kubelogin) would do it here"
        raise TargetRefused(f"the OIDC token of context {access.context!r} has expired", hint=hint)
    return token


class _Claims(msgspec.Struct):
    exp: float = 0.0


def _token_end(token: str) -> datetime | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), type=_Claims)
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return datetime.fromtimestamp(claims.exp, UTC)


def _impersonation_headers(as_whom: Impersonation) -> list[tuple[str, str]]:
    if not (as_whom.user or as_whom.uid or as_whom.groups or as_whom.extra):
        return []
    if not as_whom.user:
        raise InvalidParams("kubeconfig: as-uid, as-groups and as-user-extra need `as`")
    headers = [("Impersonate-User", as_whom.user)]
    headers += [("Impersonate-Uid", as_whom.uid)] if as_whom.uid else []
    headers += [("Impersonate-Group", group) for group in as_whom.groups]
    headers += [(f"Impersonate-Extra-{name}", one) for name, values in as_whom.extra.items() for one in values]
    return headers
