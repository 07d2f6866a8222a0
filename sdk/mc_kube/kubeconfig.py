"""Which clusters a kubeconfig or a pod's service account gives, as plain values.

Not the `kubernetes` package: it costs 27 MB and 0.4 s on import, lets the last file's current-context win where
kubectl takes the first, ignores `as:`, goes on without credentials when an exec plugin fails, and writes client keys
to temporary files.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from mc_wire.errors import InvalidParams, NotFound

Material = bytes | Path
"""PEM text, or the file it is read from (again when it is rotated)."""

SERVICE_ACCOUNT_DIR = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_LISTS = {"clusters": "cluster", "contexts": "context", "users": "user"}


@dataclass(frozen=True)
class ExecPlugin:
    """A program that prints credentials."""

    command: str
    api_version: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = "IfAvailable"


@dataclass(frozen=True)
class Impersonation:
    """Who requests are made as."""

    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ClusterAccess:
    """One context: where its API server is and how to be let in."""

    context: str
    cluster: str
    server: str
    namespace: str = "default"
    ca: Material | None = field(default=None, repr=False)
    is_insecure: bool = False
    tls_server_name: str = ""
    proxy_url: str = ""
    client_certificate: Material | None = field(default=None, repr=False)
    client_key: Material | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    """Wins over `token`, which a rotation leaves stale."""
    username: str = ""
    password: str = field(default="", repr=False)
    exec_plugin: ExecPlugin | None = None
    auth_provider: Mapping[str, Any] | None = field(default=None, repr=False)
    impersonation: Impersonation = Impersonation()


@dataclass(frozen=True)
class _Entry:
    """A named entry with the folder its relative paths start from."""

    body: Mapping[str, Any]
    folder: Path | None


@dataclass(frozen=True)
class Kubeconfig:
    """Several kubeconfig files merged by kubectl's rules: what is set first stays."""

    entries: Mapping[str, Mapping[str, _Entry]] = field(repr=False)
    current_context: str = ""

    @property
    def contexts(self) -> list[str]:
        """Their names, in the order of the files."""
        return list(self.entries["contexts"])

    def get_access(self, context: str = "") -> ClusterAccess:
        """Return one context's access, the current one's by default. Raises: NotFound, InvalidParams."""
        name = context or self.current_context
        if not name:
            raise NotFound("the kubeconfig has no current-context", hint=f"name one of: {', '.join(self.contexts)}")
        try:
            return self._access(name)
        except (TypeError, AttributeError, KeyError, msgspec.ValidationError) as exc:
            raise InvalidParams(f"kubeconfig: context {name!r}: {exc}") from exc

    def _access(self, name: str) -> ClusterAccess:
        context = self._get("contexts", name, f"context {name!r}")
        cluster_name, user_name = str(context.body.get("cluster", "")), str(context.body.get("user") or "")
        cluster = self._get("clusters", cluster_name, f"cluster {cluster_name!r} of context {name!r}")
        server = str(cluster.body.get("server") or "").rstrip("/")
        if not server:
            raise InvalidParams(f"kubeconfig: cluster {cluster_name!r} has no server")
        user = (
            self._get("users", user_name, f"user {user_name!r} of context {name!r}") if user_name else _Entry({}, None)
        )
        token_file = _path(user, "tokenFile")
        return ClusterAccess(
            context=name,
            cluster=cluster_name,
            server=server,
            namespace=str(context.body.get("namespace") or "default"),
            ca=_material(cluster, "certificate-authority"),
            is_insecure=bool(cluster.body.get("insecure-skip-tls-verify", False)),
            tls_server_name=str(cluster.body.get("tls-server-name") or ""),
            proxy_url=str(cluster.body.get("proxy-url") or ""),
            client_certificate=_material(user, "client-certificate"),
            client_key=_material(user, "client-key"),
            token=str(user.body.get("token") or "").strip(),
            token_file=token_file,
            username=str(user.body.get("username") or ""),
            password=str(user.body.get("password") or ""),
            exec_plugin=_exec_plugin(user),
            auth_provider=user.body.get("auth-provider"),
            impersonation=_impersonation(user),
        )

    def _get(self, kind: str, name: str, what: str) -> _Entry:
        entry = self.entries[kind].get(name)
        if entry is None:
            raise NotFound(f"kubeconfig: {what} not found", known=list(self.entries[kind]))
        return entry


def parse_kubeconfig(text: str, folder: Path | None = None) -> Kubeconfig:
    """Return the kubeconfig in `text`; without a folder, relative paths in it are refused. Raises: InvalidParams."""
    return _merge([(text, folder, "kubeconfig")])


def read_kubeconfig(paths: Iterable[Path]) -> Kubeconfig | None:
    """Return the files merged, absent ones skipped; None when there is none. Raises: InvalidParams."""
    texts = []
    for path in paths:
        try:
            texts.append((path.read_text(), path.parent, str(path)))
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as exc:
            raise InvalidParams(f"kubeconfig {path} cannot be read: {exc}") from exc
    return _merge(texts) if texts else None


def kubeconfig_paths(environ: Mapping[str, str]) -> list[Path]:
    """Return where kubectl would look: the files of KUBECONFIG, else `~/.kube/config`."""
    home = Path(environ.get("HOME") or ".")
    named = [part for part in environ.get("KUBECONFIG", "").split(":") if part]
    return [home / part[2:] if part.startswith("~/") else Path(part) for part in named] or [home / ".kube" / "config"]


def find_in_cluster(environ: Mapping[str, str], folder: Path = SERVICE_ACCOUNT_DIR) -> ClusterAccess | None:
    """Return the access of a pod's own service account, None outside a pod."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "443")
    token, ca, namespace = folder / "token", folder / "ca.crt", folder / "namespace"
    if not host or not token.is_file() or not ca.is_file():
        return None
    address = f"[{host}]" if ":" in host else host
    return ClusterAccess(
        context="in-cluster",
        cluster="in-cluster",
        server=f"https://{address}:{port}",
        namespace=namespace.read_text().strip() if namespace.is_file() else "default",
        ca=ca,
        token_file=token,
    )


def _merge(texts: Iterable[tuple[str, Path | None, str]]) -> Kubeconfig:
    import yaml  # only whoever opens a kubeconfig pays for it

    entries: dict[str, dict[str, _Entry]] = {kind: {} for kind in _LISTS}
    current = ""
    for text, folder, origin in texts:
        try:
            document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
        except yaml.YAMLError as exc:
            # The problem's own text: a YAML error quotes the lines around it, and those may be keys.
            reason = getattr(exc, "problem", None) or type(exc).__name__
            raise InvalidParams(f"{origin} is not YAML: {reason}") from exc
        if not isinstance(document, dict):
            raise InvalidParams(f"{origin} is not a kubeconfig")
        current = current or str(document.get("current-context") or "")
        for kind, key in _LISTS.items():
            items = document.get(kind) or []
            for item in items if isinstance(items, list) else [items]:
                if not isinstance(item, dict) or "name" not in item or not isinstance(item.get(key) or {}, dict):
                    raise InvalidParams(f"{origin}: every entry of {kind} needs a name and an object {key!r}")
                entries[kind].setdefault(str(item["name"]), _Entry(item.get(key) or {}, folder))
    return Kubeconfig(entries, current)


def _path(entry: _Entry, key: str) -> Path | None:
    named = entry.body.get(key)
    if not named:
        return None
    path = Path(str(named))
    if path.is_absolute():
        return path
    if entry.folder is None:
        raise InvalidParams(f"kubeconfig: {key} {str(path)!r} is relative, and this kubeconfig is not a file")
    return entry.folder / path


def _material(entry: _Entry, key: str) -> Material | None:
    data = entry.body.get(f"{key}-data")
    if not data:
        return _path(entry, key)
    try:
        return base64.b64decode("".join(str(data).split()), validate=True)
    except binascii.Error as exc:
        raise InvalidParams(f"kubeconfig: {key}-data is not base64") from exc


def _exec_plugin(user: _Entry) -> ExecPlugin | None:
    spec = user.body.get("exec")
    if not spec:
        return None
    command, version = str(spec.get("command") or ""), str(spec.get("apiVersion") or "")
    if not command or not version:
        raise InvalidParams("kubeconfig: exec needs command and apiVersion")
    if "/" in command and not command.startswith("/") and user.folder is not None:
        command = str(user.folder / command)
    return ExecPlugin(
        command=command,
        api_version=version,
        args=tuple(map(str, spec.get("args") or ())),
        env={str(one["name"]): str(one["value"]) for one in spec.get("env") or ()},
        install_hint=" ".join(str(spec.get("installHint") or "").split()),
        provide_cluster_info=bool(spec.get("provideClusterInfo", False)),
        interactive_mode=str(spec.get("interactiveMode") or "IfAvailable"),
    )


def _impersonation(user: _Entry) -> Impersonation:
    extra = msgspec.convert(user.body.get("as-user-extra") or {}, dict[str, tuple[str, ...]])
    return Impersonation(
        user=str(user.body.get("as") or ""),
        uid=str(user.body.get("as-uid") or ""),
        groups=tuple(map(str, user.body.get("as-groups") or ())),
        extra=extra,
    )
