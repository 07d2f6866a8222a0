"""Kubeconfigs as files on disk, in every form that kubectl takes."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from mc_host.catalog.sources.kubernetes_clusters import find_clusters
from mc_kube.kubeconfig import (
    ExecPlugin,
    Impersonation,
    find_in_cluster,
    kubeconfig_paths,
    parse_kubeconfig,
    read_kubeconfig,
)
from mc_kube.kubeconfig_text import render_kubeconfig
from mc_wire.errors import InvalidParams, NotFound

SERVER = "https://10.0.0.1:6443"


def config(
    name: str = "main", cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a kubeconfig of one context."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": SERVER, **(cluster or {})}}],
        "users": [{"name": f"{name}-user", "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"{name}-user", **more}}],
        "current-context": name,
    }


def write(path: Path, body: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(body))
    return path


def test_context_gives_server_namespace_and_user(tmp_path: Path) -> None:
    cluster = {"insecure-skip-tls-verify": True, "tls-server-name": "api", "proxy-url": "http://proxy:1"}
    path = write(tmp_path / "config", config(cluster=cluster, user={"token": " abc \n"}, namespace="shop"))
    found = read_kubeconfig([path])
    assert found is not None and found.contexts == ["main"]
    access = found.get_access()
    assert (access.context, access.server, access.namespace, access.token) == ("main", SERVER, "shop", "abc")
    assert (access.is_insecure, access.tls_server_name, access.proxy_url) == (True, "api", "http://proxy:1")


def test_relative_paths_start_from_their_own_file(tmp_path: Path) -> None:
    user = {"client-certificate": "me.crt", "client-key": "/abs/me.key", "tokenFile": "sub/token"}
    one = write(tmp_path / "one" / "config", config(cluster={"certificate-authority": "ca.crt"}, user=user))
    found = read_kubeconfig([one])
    assert found is not None
    access = found.get_access()
    assert access.ca == tmp_path / "one" / "ca.crt"
    assert access.client_certificate == tmp_path / "one" / "me.crt" and access.client_key == Path("/abs/me.key")
    assert access.token_file == tmp_path / "one" / "sub" / "token"


def test_data_wins_over_the_file_beside_it() -> None:
    cluster = {"certificate-authority": "ca.crt", "certificate-authority-data": base64.b64encode(b"PEM").decode()}
    assert parse_kubeconfig(yaml.safe_dump(config(cluster=cluster))).get_access().ca == b"PEM"


def test_text_without_a_folder_refuses_relative_paths() -> None:
    text = yaml.safe_dump(config(user={"tokenFile": "token"}))
    with pytest.raises(InvalidParams, match="tokenFile 'token' is relative"):
        parse_kubeconfig(text).get_access()


def test_several_files_are_merged_and_what_is_set_first_stays(tmp_path: Path) -> None:
    first = write(tmp_path / "a", config("one") | {"current-context": ""})
    second_body = config("two", user={"token": "second"})
    second_body["clusters"].append({"name": "one", "cluster": {"server": "https://other"}})
    second = write(tmp_path / "b", second_body)
    third = write(tmp_path / "c", config("three"))
    environ = {"KUBECONFIG": f"{first}::{tmp_path / 'absent'}:{second}:{third}", "HOME": str(tmp_path)}
    found = read_kubeconfig(kubeconfig_paths(environ))
    assert found is not None
    assert found.contexts == ["one", "two", "three"] and found.current_context == "two"
    assert found.get_access("one").server == SERVER and found.get_access("two").token == "second"


def test_kubeconfig_is_looked_for_where_kubectl_does(tmp_path: Path) -> None:
    assert kubeconfig_paths({"HOME": "/home/me"}) == [Path("/home/me/.kube/config")]
    assert kubeconfig_paths({"HOME": "/home/me", "KUBECONFIG": "~/x:/y"}) == [Path("/home/me/x"), Path("/y")]
    assert read_kubeconfig([tmp_path / "absent"]) is None


def test_exec_plugin_is_read_with_its_hint_and_a_path_from_its_folder(tmp_path: Path) -> None:
    spec = {
        "command": "./bin/login",
        "apiVersion": "client.authentication.k8s.io/v1",
        "args": ["get", 1],
        "env": [{"name": "A", "value": "b"}],
        "installHint": "get it\nfrom us",
        "provideClusterInfo": True,
        "interactiveMode": "Never",
    }
    found = read_kubeconfig([write(tmp_path / "config", config(user={"exec": spec}))])
    assert found is not None
    assert found.get_access().exec_plugin == ExecPlugin(
        command=str(tmp_path / "bin" / "login"),
        api_version="client.authentication.k8s.io/v1",
        args=("get", "1"),
        env={"A": "b"},
        install_hint="get it from us",
        provide_cluster_info=True,
        interactive_mode="Never",
    )


def test_impersonation_is_read() -> None:
    user = {"as": "jo", "as-uid": "7", "as-groups": ["dev", "ops"], "as-user-extra": {"scope": ["a", "b"]}}
    access = parse_kubeconfig(yaml.safe_dump(config(user=user))).get_access()
    assert access.impersonation == Impersonation("jo", "7", ("dev", "ops"), {"scope": ("a", "b")})


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"current-context": ""}, NotFound, "no current-context"),
        ({"current-context": "other"}, NotFound, "context 'other' not found"),
        ({"users": []}, NotFound, "user 'main-user' of context 'main' not found"),
        ({"clusters": []}, NotFound, "cluster 'main' of context 'main' not found"),
        ({"clusters": [{"name": "main", "cluster": {}}]}, InvalidParams, "cluster 'main' has no server"),
        ({"users": [{"name": "main-user", "user": {"exec": {"command": "x"}}}]}, InvalidParams, "apiVersion"),
        ({"users": [{"user": {}}]}, InvalidParams, "every entry of users needs a name and"),
        ({"users": [{"name": "main-user", "user": {"as-user-extra": 5}}]}, InvalidParams, "context 'main'"),
        ({"clusters": [{"name": "main", "cluster": {"server": SERVER, "certificate-authority-data": "!"}}]},
         InvalidParams, "certificate-authority-data is not base64"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        parse_kubeconfig(yaml.safe_dump(config() | change)).get_access()


def test_what_is_not_yaml_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidParams) as caught:
        parse_kubeconfig("token: s3cret\n  bad: [")
    assert "not YAML" in caught.value.message and "s3cret" not in caught.value.message
    with pytest.raises(InvalidParams, match="not a kubeconfig"):
        parse_kubeconfig("- a")


def test_secrets_are_in_no_representation() -> None:
    user = {"token": "s3cret", "password": "s3cret", "client-key-data": base64.b64encode(b"s3cret").decode()}
    assert "s3cret" not in repr(parse_kubeconfig(yaml.safe_dump(config(user=user))).get_access())


def service_account(folder: Path) -> Path:
    folder.mkdir()
    for name, text in (("token", "abc\n"), ("ca.crt", "PEM"), ("namespace", "shop\n")):
        (folder / name).write_text(text)
    return folder


def test_service_account_of_a_pod_is_found(tmp_path: Path) -> None:
    folder = service_account(tmp_path / "sa")
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    access = find_in_cluster(environ, folder)
    assert access is not None
    assert (access.server, access.namespace, access.token_file) == ("https://[fd00::1]:443", "shop", folder / "token")
    assert find_in_cluster({}, folder) is None and find_in_cluster(environ, tmp_path) is None


def test_host_looks_at_the_current_context_named_ones_or_all(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", config("one")), write(tmp_path / "b", config("two"))
    environ = {"KUBECONFIG": f"{first}:{second}"}

    def names(*contexts: str) -> tuple[list[str], list[str]]:
        found, problems = find_clusters(environ, contexts, tmp_path)
        return [access.context for access in found], problems

    assert names() == (["one"], [])
    assert names("*") == (["one", "two"], [])
    assert names("two", "one") == (["one", "two"], [])
    found, problems = names("two", "gone")
    assert found == ["two"] and "context 'gone' not found" in problems[0]


def test_host_falls_back_to_its_service_account_and_to_nothing(tmp_path: Path) -> None:
    folder = service_account(tmp_path / "sa")
    environ = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    assert [access.context for access in find_clusters(environ, (), folder)[0]] == ["in-cluster"]
    assert find_clusters({"HOME": str(tmp_path)}, (), folder) == ([], [])
    write(tmp_path / ".kube" / "config", {"contexts": 5})
    with pytest.raises(InvalidParams, match="every entry of contexts needs a name"):
        find_clusters(environ, (), folder)


def test_one_context_becomes_a_kubeconfig_of_its_own(tmp_path: Path) -> None:
    for name in ("ca.crt", "me.crt", "me.key"):
        (tmp_path / name).write_text(name)
    user = {
        "client-certificate": "me.crt",
        "client-key": "me.key",
        "tokenFile": "token",
        "exec": {"command": "./login", "apiVersion": "v1", "args": ["a"], "env": [{"name": "A", "value": "b"}]},
        "as": "jo",
        "as-groups": ["dev"],
        "as-user-extra": {"scope": ["a"]},
    }
    cluster = {"certificate-authority": "ca.crt", "tls-server-name": "api", "proxy-url": "http://p:1"}
    body = config(cluster=cluster, user=user, namespace="shop")
    body["users"].append({"name": "other", "user": {"token": "s3cret"}})
    found = read_kubeconfig([write(tmp_path / "config", body)])
    assert found is not None
    access = found.get_access()
    text = render_kubeconfig(access)
    embedded = replace(access, ca=b"ca.crt", client_certificate=b"me.crt", client_key=b"me.key")
    assert parse_kubeconfig(text).get_access() == embedded
    assert "s3cret" not in text and str(tmp_path / "token") in text
    plain = parse_kubeconfig(yaml.safe_dump(config(user={"token": "t"}))).get_access()
    assert parse_kubeconfig(render_kubeconfig(plain)).get_access() == plain
