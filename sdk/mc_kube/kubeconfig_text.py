"""One context as a kubeconfig of its own, to hand to somebody who shall reach this cluster and no other."""

from __future__ import annotations

import base64

import msgspec

from mc_kube.kubeconfig import ClusterAccess, Material
from mc_kube.tls import read_material
from mc_wire.model import JSON


def render_kubeconfig(access: ClusterAccess) -> str:
    """Return kubeconfig text (JSON, which is YAML) with certificates inside and no relative path. It reads files.

    A token file and an exec plugin stay references, since what they give changes. Raises: InvalidParams.
    """
    context = {"cluster": access.cluster, "user": access.context, "namespace": access.namespace}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": access.cluster, "cluster": _cluster(access)}],
        "users": [{"name": access.context, "user": _user(access)}],
        "contexts": [{"name": access.context, "context": context}],
        "current-context": access.context,
    }
    return msgspec.json.encode(document).decode()


def _cluster(access: ClusterAccess) -> dict[str, JSON]:
    body: dict[str, JSON] = {
        "server": access.server,
        "certificate-authority-data": _data(access.ca, "certificate-authority"),
        "insecure-skip-tls-verify": access.is_insecure,
        "tls-server-name": access.tls_server_name,
        "proxy-url": access.proxy_url,
    }
    return _filled(body)


def _user(access: ClusterAccess) -> dict[str, JSON]:
    who = access.impersonation
    body: dict[str, JSON] = {
        "client-certificate-data": _data(access.client_certificate, "client-certificate"),
        "client-key-data": _data(access.client_key, "client-key"),
        "token": access.token,
        "tokenFile": str(access.token_file.absolute()) if access.token_file else "",
        "username": access.username,
        "password": access.password,
        "exec": _exec(access),
        "auth-provider": access.auth_provider,
        "as": who.user,
        "as-uid": who.uid,
        "as-groups": list(who.groups),
        "as-user-extra": dict(who.extra),
    }
    return _filled(body)


def _exec(access: ClusterAccess) -> dict[str, JSON]:
    plugin = access.exec_plugin
    if plugin is None:
        return {}
    return {
        "command": plugin.command,
        "apiVersion": plugin.api_version,
        "args": list(plugin.args),
        "env": [{"name": name, "value": value} for name, value in plugin.env.items()],
        "installHint": plugin.install_hint,
        "provideClusterInfo": plugin.provide_cluster_info,
        "interactiveMode": plugin.interactive_mode,
    }


def _data(material: Material | None, what: str) -> str:
    found = read_material(material, what)
    return base64.b64encode(found).decode() if found else ""


def _filled(body: dict[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in body.items() if value}
