"""Programs that print credentials: run without a terminal, bounded in time, every failure an error."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from mc_kube.kubeconfig import ClusterAccess, ExecPlugin
from mc_kube.tls import read_material
from mc_wire.errors import InvalidParams, TargetRefused, TargetTimeout
from mc_wire.model import JSON, Struct

EXEC_TIMEOUT_S = 60.0
_MAX_STDERR = 512


class ExecStatus(Struct):
    """The credentials a plugin printed."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: datetime | None = None


class _ExecCredential(Struct):
    api_version: str = ""
    kind: str = ""
    status: ExecStatus | None = None


@dataclass(frozen=True)
class ExecCredentials:
    """What to present, and until when."""

    token: str = field(default="", repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
    expires_at: datetime | None = None


async def run_exec_plugin(
    access: ClusterAccess, plugin: ExecPlugin, environ: Mapping[str, str], timeout_s: float = EXEC_TIMEOUT_S
) -> ExecCredentials:
    """Return fresh credentials. Raises: InvalidParams, TargetRefused, TargetTimeout; each names the program."""
    if plugin.interactive_mode == "Always":
        raise InvalidParams(
            f"exec plugin {plugin.command!r} of context {access.context!r} needs a terminal (interactiveMode: Always)",
            hint="a host has none: use a service account's token, or a plugin that works without one",
        )
    env = {**environ, **plugin.env, "KUBERNETES_EXEC_INFO": _exec_info(access, plugin)}
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command,
            *plugin.args,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as exc:
        hint = plugin.install_hint or "install it, or use a service account where it cannot be installed (images)"
        text = f"exec plugin {plugin.command!r} of context {access.context!r} cannot be started: {exc.strerror}"
        raise InvalidParams(text, hint=hint) from exc
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate()
    except TimeoutError as exc:
        raise TargetTimeout(f"exec plugin {plugin.command!r} printed no credentials within {timeout_s:g} s") from exc
    finally:
        await _end(process)
    if process.returncode:
        said = " ".join(err.decode(errors="replace").split())[-_MAX_STDERR:]
        raise TargetRefused(
            f"exec plugin {plugin.command!r} of context {access.context!r} failed with status {process.returncode}: "
            f"{said or 'it printed nothing'}"
        )
    return _read_credentials(plugin, out)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _exec_info(access: ClusterAccess, plugin: ExecPlugin) -> str:
    spec: dict[str, JSON] = {"interactive": False}
    if plugin.provide_cluster_info:
        ca = read_material(access.ca, "certificate-authority")
        known = {
            "server": access.server,
            "tls-server-name": access.tls_server_name,
            "insecure-skip-tls-verify": access.is_insecure,
            "certificate-authority-data": base64.b64encode(ca).decode() if ca else "",
            "proxy-url": access.proxy_url,
        }
        spec["cluster"] = {name: value for name, value in known.items() if value}
    info = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}
    return msgspec.json.encode(info).decode()


def _read_credentials(plugin: ExecPlugin, out: bytes) -> ExecCredentials:
    try:
        answer = msgspec.json.decode(out, type=_ExecCredential)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        # Not the output itself: it may be a token in a wrong wrapping.
        raise InvalidParams(f"exec plugin {plugin.command!r} printed something that is no ExecCredential") from exc
    if answer.api_version != plugin.api_version:
        raise InvalidParams(
            f"exec plugin {plugin.command!r} answers {answer.api_version!r}, "
            f"the kubeconfig expects {plugin.api_version!r}"
        )
    status = answer.status or ExecStatus()
    if bool(status.client_certificate_data) != bool(status.client_key_data):
        raise InvalidParams(f"exec plugin {plugin.command!r} printed a certificate without its key, or the reverse")
    if not status.token and not status.client_certificate_data:
        raise InvalidParams(f"exec plugin {plugin.command!r} printed neither a token nor a certificate")
    return ExecCredentials(
        token=status.token.strip(),
        certificate=status.client_certificate_data.encode() or None,
        key=status.client_key_data.encode() or None,
        expires_at=status.expiration_timestamp,
    )
