"""Every setting of the host in one struct, read once at start; nothing else reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from mc_host import VERSION

# gRPC reads both on import. Left on, its fork handlers crash one in eight children that run Python before exec.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # it reports every plugin's orderly stop as news

ENV_STATE = "MISSION_CONTROL_STATE"
ENV_CONFIG = "MISSION_CONTROL_CONFIG"
ENV_PORT = "MISSION_CONTROL_PORT"
ENV_PUBLIC_URL = "MISSION_CONTROL_PUBLIC_URL"
ENV_SIGNING_KEY = "MISSION_CONTROL_SIGNING_PRIVATE_KEY"
ENV_PLUGIN_ROOT = "MISSION_CONTROL_PLUGIN_PATH"
ENV_MACHINE = "MISSION_CONTROL_MACHINE"
ENV_KUBE_CONTEXTS = "MISSION_CONTROL_KUBE_CONTEXTS"
ENV_PLUGIN_CONTEXT = "MISSION_CONTROL_PLUGIN_CONTEXT"
ENV_PLUGIN_NAMESPACE = "MISSION_CONTROL_PLUGIN_NAMESPACE"


INSTALLED = "plugins"
"""Folder of the state folder with the resources of plugins that `plugin install` put there."""


class ConfigError(Exception):
    """A flag or variable that the host cannot start with."""


class NetworkConfig(msgspec.Struct, kw_only=True, frozen=True):
    """How plugins on other machines are reached, and how they reach the host."""

    plugin_certificate: Path | None = None
    """PEM chain that the host shows to remote plugins. `MISSION_CONTROL_PLUGIN_TLS_CERT`."""

    plugin_key: Path | None = None
    """Its key. `MISSION_CONTROL_PLUGIN_TLS_KEY`."""

    is_insecure: bool = False
    """Whether plugins on other machines are dialled without TLS. `MISSION_CONTROL_INSECURE_PLUGINS`."""

    listen: str = ""
    """host:port on which remote plugins call back; empty: they cannot. `MISSION_CONTROL_GRPC_LISTEN`."""

    certificate: Path | None = None
    """PEM chain of that server. `MISSION_CONTROL_GRPC_TLS_CERT`."""

    key: Path | None = None
    """Its key. `MISSION_CONTROL_GRPC_TLS_KEY`."""

    client_ca: Path | None = None
    """PEM authorities of the plugins' certificates; one is demanded then. `MISSION_CONTROL_GRPC_TLS_CLIENT_CA`."""

    ca: Path | None = None
    """PEM authorities by which plugins know that server; empty: their system's. `MISSION_CONTROL_GRPC_TLS_CA`."""

    @property
    def has_tls(self) -> bool:
        """Is the server's side encrypted?"""
        return self.certificate is not None


class HostConfig(msgspec.Struct, kw_only=True, frozen=True):
    """What one host process is told; paths are absolute, times in seconds."""

    state_dir: Path
    """Token, address file and artifacts. `MISSION_CONTROL_STATE`, else `mission-control` in the XDG state folder."""

    cache_dir: Path
    """Manifests of plugins, for the command line; can be deleted at any time."""

    plugin_root: Path
    """Where binaries are looked for. `MISSION_CONTROL_PLUGIN_PATH`, else `~/.mission-control/plugins`."""

    config_dirs: tuple[Path, ...] = ()
    """Folders of YAML files: plugins, connections, items. `MISSION_CONTROL_CONFIG` (`:` between folders)."""

    environ: Mapping[str, str] = {}
    """The host's own environment; plugins see an allowlist of it, connections may name a variable."""

    port: int = 7070
    """TCP port of page and API on loopback; 0 takes a free one. `MISSION_CONTROL_PORT`."""

    bind_host: str = "127.0.0.1"
    """Loopback only: a proxy on this machine lets others in, see `public_url`."""

    public_url: str = ""
    """`https://name[:port]` under which a proxy passes requests on, with a signed JWT of a declared issuer each.
    `MISSION_CONTROL_PUBLIC_URL`."""

    is_automtls: bool = False
    """Whether the plugins it starts are asked for mutual TLS on their sockets. `--automtls`,
    `MISSION_CONTROL_AUTOMTLS`."""

    network: NetworkConfig = NetworkConfig()
    """Plugins on other machines."""

    version: str = VERSION
    """Told to plugins and to `/api/me`."""

    signing_private_key: Path | None = None
    """PEM file of the RSA key that signs invocation tokens; None: one in the state folder, made on first use.
    `MISSION_CONTROL_SIGNING_PRIVATE_KEY`."""

    is_machine_shown: bool = False
    """Whether processes and databases of this machine are in the catalog. `serve` shows them unless
    `MISSION_CONTROL_MACHINE` is `off`."""

    kube_contexts: tuple[str, ...] | None = ()
    """Contexts of the kubeconfig whose clusters are in the catalog; empty: the current one; `*`: all; None: none.
    `MISSION_CONTROL_KUBE_CONTEXTS` (`,` between names; set to nothing it means none)."""

    plugin_context: str = "in-cluster"
    """Context whose Plugin resources this host runs and reports on; by default those of the cluster it runs in, since
    two hosts on one cluster's resources would fight over them. `MISSION_CONTROL_PLUGIN_CONTEXT`."""

    plugin_namespace: str = ""
    """The one namespace in which Plugin resources are looked for; empty: all. `MISSION_CONTROL_PLUGIN_NAMESPACE`."""

    shell_dir: Path = Path(__file__).parent / "shell"
    """The built web shell; may be absent."""

    artifacts_url: str = ""
    """fsspec URL or folder where artifacts are kept; empty means `artifacts` in the state folder."""

    register_timeout_s: float = 30.0
    """From before the process starts until RegisterPlugin has answered; 30 s is what plugins are promised."""

    invoke_timeout_s: float = 60.0
    """Deadline of one invocation through HTTP or the command line."""

    settle_timeout_s: float = 10.0
    """How long a call waits for a plugin that is just starting or restarting."""

    stop_timeout_s: float = 2.0
    """From Shutdown until the process is killed."""

    restart_limit: int = 10
    """Restarts within `restart_window_s`; the first start is free."""

    restart_window_s: float = 3600.0
    """Sliding window of the restart budget."""

    backoff_first_s: float = 0.25
    """Pause before a restart; doubles with each further one in a row."""

    backoff_max_s: float = 30.0
    """Longest pause between restarts."""

    steady_after_s: float = 60.0
    """A plugin that ran that long starts again without accumulated pause."""

    health_interval_s: float = 10.0
    """Between two Health calls."""

    health_timeout_s: float = 5.0
    """A Health call without answer for that long counts as silence; the second one in a row restarts the plugin."""

    binary_quiet_s: float = 1.0
    """A binary must be unchanged for that long before the new one is started."""

    connection_ttl_s: float = 300.0
    """How long a resolved connection is reused."""

    change_window_s: float = 3600.0
    """Equal changes of an item within that time are one record with a count (`changes.dedup.window`)."""

    change_keep_s: float = 90 * 24 * 3600.0
    """Older changes are forgotten at the next start."""

    max_params_bytes: int = 16 * 1024 * 1024
    """Largest body of an invocation."""

    log_tail: int = 500
    """Newest log records kept per plugin for `plugin logs`."""

    @property
    def artifacts_root(self) -> str:
        """The artifact store's URL with its default filled in."""
        return self.artifacts_url or str(self.state_dir / "artifacts")


def read_config(
    environ: Mapping[str, str] | None = None,
    *,
    port: int | None = None,
    state_dir: Path | None = None,
    config_dirs: Sequence[Path] = (),
    signing_private_key: Path | None = None,
) -> HostConfig:
    """Return the configuration: a flag wins over a variable, a variable over the default. Raises: ConfigError."""
    env = dict(os.environ if environ is None else environ)
    home = Path(env.get("HOME") or ".")
    state = state_dir or Path(env.get(ENV_STATE) or _xdg(env, "XDG_STATE_HOME", home / ".local/state"))
    root = env.get(ENV_PLUGIN_ROOT)
    fallback = home / ".mission-control/plugins" if env.get("HOME") else Path(".mission-control-plugins")
    signing_key = signing_private_key or (Path(env[ENV_SIGNING_KEY]) if env.get(ENV_SIGNING_KEY) else None)
    return HostConfig(
        state_dir=state.absolute(),
        cache_dir=_xdg(env, "XDG_CACHE_HOME", home / ".cache").absolute() / "plugins",
        plugin_root=(Path(root) if root else fallback).absolute(),
        config_dirs=(*_config_dirs(env, config_dirs, home), state.absolute() / INSTALLED),
        environ=env,
        signing_private_key=signing_key.absolute() if signing_key else None,
        public_url=_public_url(env.get(ENV_PUBLIC_URL, "")),
        port=_port(env) if port is None else port,
        is_machine_shown=_switch(env, ENV_MACHINE, default=True),
        kube_contexts=_kube_contexts(env),
        plugin_context=env.get(ENV_PLUGIN_CONTEXT) or "in-cluster",
        plugin_namespace=env.get(ENV_PLUGIN_NAMESPACE, ""),
        is_automtls=_switch(env, "MISSION_CONTROL_AUTOMTLS", default=False),
        network=_network(env),
    )


def _network(env: Mapping[str, str]) -> NetworkConfig:
    def path(name: str) -> Path | None:
        found = env.get(f"MISSION_CONTROL_{name}", "")
        if found and not Path(found).is_file():
            raise ConfigError(f"MISSION_CONTROL_{name}: there is no file {found}")
        return Path(found).absolute() if found else None

    network = NetworkConfig(
        plugin_certificate=path("PLUGIN_TLS_CERT"),
        plugin_key=path("PLUGIN_TLS_KEY"),
        is_insecure=_switch(env, "MISSION_CONTROL_INSECURE_PLUGINS", default=False),
        listen=env.get("MISSION_CONTROL_GRPC_LISTEN", ""),
        certificate=path("GRPC_TLS_CERT"),
        key=path("GRPC_TLS_KEY"),
        client_ca=path("GRPC_TLS_CLIENT_CA"),
        ca=path("GRPC_TLS_CA"),
    )
    for what, certificate, key in (
        ("PLUGIN_TLS", network.plugin_certificate, network.plugin_key),
        ("GRPC_TLS", network.certificate, network.key),
    ):
        if bool(certificate) != bool(key):
            raise ConfigError(f"MISSION_CONTROL_{what}_CERT and MISSION_CONTROL_{what}_KEY must be set together")
    if network.client_ca and not network.certificate:
        raise ConfigError("MISSION_CONTROL_GRPC_TLS_CLIENT_CA requires MISSION_CONTROL_GRPC_TLS_CERT")
    return network


def _xdg(env: Mapping[str, str], name: str, fallback: Path) -> Path:
    return Path(env.get(name) or fallback) / "mission-control"


def _config_dirs(env: Mapping[str, str], flags: Sequence[Path], home: Path) -> tuple[Path, ...]:
    named = list(flags) or [Path(part) for part in env.get(ENV_CONFIG, "").split(":") if part]
    for folder in named:
        if not folder.is_dir():
            raise ConfigError(f"configuration folder {folder} does not exist")
    default = _xdg(env, "XDG_CONFIG_HOME", home / ".config")
    found = named or ([default] if default.is_dir() else [])
    return tuple(folder.absolute() for folder in found)


def _public_url(text: str) -> str:
    if text and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d{1,5})?/?", text):
        raise ConfigError(f"{ENV_PUBLIC_URL} must be https://name or https://name:port, got {text!r}")
    return text.rstrip("/").lower()


def _kube_contexts(env: Mapping[str, str]) -> tuple[str, ...] | None:
    named = env.get(ENV_KUBE_CONTEXTS)
    if named is None:
        return ()
    return tuple(part.strip() for part in named.split(",") if part.strip()) or None


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "")
    if text not in ("", "on", "off"):
        raise ConfigError(f"{name} must be on or off, got {text!r}")
    return text == "on" if text else default


def _port(env: Mapping[str, str]) -> int:
    text = env.get(ENV_PORT, "7070")
    if not text.isdigit() or int(text) > 65535:
        raise ConfigError(f"{ENV_PORT} must be a port number from 0 to 65535, got {text!r}")
    return int(text)
