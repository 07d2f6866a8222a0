"""A client on a real port: credentials that rotate, TLS, proxies, throttling, and errors that say what to do."""

from __future__ import annotations

import asyncio
import base64
import ssl
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web

from mc_kube.access import is_allowed, require
from mc_kube.client import KubeClient
from mc_kube.connections import pick_proxy
from mc_kube.credentials import Credentials
from mc_kube.errors import Ask, ResourceExpired, Throttled, parse_status, status_error, transport_error
from mc_kube.kubeconfig import ClusterAccess, ExecPlugin, Impersonation
from mc_kube.resources import DEPLOYMENTS, NODES, PODS
from mc_wire.errors import (
    Conflict,
    Forbidden,
    InvalidParams,
    NotSupported,
    OperationError,
    TargetError,
    TargetRefused,
    TargetTimeout,
    TargetUnreachable,
)
from tests.doubles.kube_api import KubeApi
from tests.kube.certificates import Authority

ACCESS = ClusterAccess(context="test", cluster="test", server="https://127.0.0.1:1")
V1 = "client.authentication.k8s.io/v1"


def program(path: Path, body: str) -> ExecPlugin:
    """Return an exec plugin that is a real shell script."""
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return ExecPlugin(str(path), V1)


def credential(token: str = "", expires_in_s: float | None = None, **status: str) -> str:
    """Return what a plugin prints, as shell text."""
    if token:
        status["token"] = token
    if expires_in_s is not None:
        status["expirationTimestamp"] = (datetime.now(UTC) + timedelta(seconds=expires_in_s)).isoformat()
    return msgspec.json.encode({"apiVersion": V1, "kind": "ExecCredential", "status": status}).decode()


async def authorization(access: ClusterAccess, environ: dict[str, str] | None = None) -> str:
    headers, _ = await Credentials(access, environ or {"PATH": "/usr/bin:/bin"}).get()
    return dict(headers)["Authorization"]


# -- credentials


async def test_token_file_wins_is_trimmed_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")
    credentials = Credentials(replace(ACCESS, token="stale", token_file=file), {}, reread_s=0)
    assert dict((await credentials.get())[0])["Authorization"] == "Bearer one"
    file.write_text("two\n")
    assert dict((await credentials.get())[0])["Authorization"] == "Bearer two"
    file.unlink()
    with pytest.raises(InvalidParams, match="cannot be read"):
        await credentials.get()


async def test_token_file_is_read_again_at_once_when_the_server_refuses(tmp_path: Path, api: KubeApi) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    api.token = "new"
    async with KubeClient(replace(api.access, token_file=file), {}) as client:
        with pytest.raises(TargetRefused, match="does not accept our credentials"):
            await client.list_page(PODS)
        file.write_text("new")
        assert (await client.list_page(PODS)).objects == []


async def test_basic_auth_and_nothing_at_all() -> None:
    assert await authorization(replace(ACCESS, username="jo", password="pw")) == "Basic am86cHc="
    assert (await Credentials(ACCESS, {}).get())[0] == []


async def test_token_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidParams) as caught:
        await authorization(replace(ACCESS, token="s3cret\nX-Other: 1"))
    assert "s3cret" not in str(caught.value)


async def test_impersonation_becomes_headers() -> None:
    as_whom = Impersonation("jo", "7", ("dev", "ops"), {"scope": ("a",)})
    headers, _ = await Credentials(replace(ACCESS, token="t", impersonation=as_whom), {}).get()
    assert headers[1:] == [
        ("Impersonate-User", "jo"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "dev"),
        ("Impersonate-Group", "ops"),
        ("Impersonate-Extra-scope", "a"),
    ]
    with pytest.raises(InvalidParams, match="need `as`"):
        await Credentials(replace(ACCESS, impersonation=Impersonation(groups=("dev",))), {}).get()


async def test_exec_plugin_gives_a_token_and_is_asked_again_when_it_ends(tmp_path: Path) -> None:
    count = tmp_path / "count"
    body = f"echo >> {count}; echo '{credential('TOKEN', 3600)}'"
    access = replace(ACCESS, exec_plugin=program(tmp_path / "login", body))
    credentials = Credentials(access, {"PATH": "/bin"}, exec_pause_s=0)
    for _ in range(2):
        assert dict((await credentials.get())[0])["Authorization"] == "Bearer TOKEN"
    assert count.read_text() == "\n"
    credentials.refuse()
    await credentials.get()
    assert count.read_text() == "\n\n"

    count.unlink()
    ending = f"echo >> {count}; echo '{credential('TOKEN', 5)}'"  # within the margin: used once, never kept
    credentials = Credentials(replace(ACCESS, exec_plugin=program(tmp_path / "login", ending)), {"PATH": "/bin"})
    await credentials.get()
    await credentials.get()
    assert count.read_text() == "\n\n"


async def test_exec_plugin_is_told_the_cluster_and_its_environment(tmp_path: Path) -> None:
    out = tmp_path / "info"
    body = f"echo \"$KUBERNETES_EXEC_INFO $EXTRA $1\" > {out}; echo '{credential('t')}'"
    plugin = replace(program(tmp_path / "login", body), provide_cluster_info=True, env={"EXTRA": "more"}, args=("get",))
    await authorization(replace(ACCESS, exec_plugin=plugin, ca=Authority().pem))
    text, more = out.read_text().rsplit("} ", 1)
    spec = msgspec.json.decode(text + "}")["spec"]
    assert spec["interactive"] is False and spec["cluster"]["server"] == ACCESS.server
    assert base64.b64decode(spec["cluster"]["certificate-authority-data"]).startswith(b"-----BEGIN")
    assert more == "more get\n"


async def test_exec_plugin_is_not_run_at_every_refusal(tmp_path: Path) -> None:
    count = tmp_path / "count"
    good = program(tmp_path / "good", f"echo >> {count}; echo '{credential('TOKEN')}'")
    credentials = Credentials(replace(ACCESS, exec_plugin=good), {"PATH": "/bin"})
    for _ in range(3):
        await credentials.get()
        credentials.refuse()
    bad = program(tmp_path / "bad", f"echo >> {count}; exit 1")
    credentials = Credentials(replace(ACCESS, exec_plugin=bad), {"PATH": "/bin"})
    for _ in range(3):
        with pytest.raises(TargetRefused, match="failed with status 1"):
            await credentials.get()
    assert count.read_text() == "\n\n"  # once each


@pytest.mark.parametrize(
    ("body", "error", "text"),
    [
        ("echo 'please sign in' >&2; exit 3", TargetRefused, "failed with status 3: please sign in"),
        ("exit 1", TargetRefused, "failed with status 1: it printed nothing"),
        ("echo s3cret", InvalidParams, "printed something that is no ExecCredential"),
        (f"echo '{credential()}'", InvalidParams, "neither a token nor a certificate"),
        (f"echo '{credential(clientCertificateData='x')}'", InvalidParams, "without its key"),
        ('echo \'{"apiVersion": "v0", "status": {"token": "s3cret"}}\'', InvalidParams, "answers 'v0'"),
    ],
)
async def test_exec_plugin_that_fails_is_an_error(
    tmp_path: Path, body: str, error: type[OperationError], text: str
) -> None:
    with pytest.raises(error, match=text) as caught:
        await authorization(replace(ACCESS, exec_plugin=program(tmp_path / "login", body)))
    assert "s3cret" not in str(caught.value)


async def test_exec_plugin_that_is_missing_shows_its_hint() -> None:
    plugin = ExecPlugin("no-such-login", V1, install_hint="brew install login")
    with pytest.raises(InvalidParams, match="'no-such-login' of context 'test' cannot be started") as caught:
        await authorization(replace(ACCESS, exec_plugin=plugin))
    assert caught.value.hint == "brew install login"
    with pytest.raises(InvalidParams, match="needs a terminal"):
        await authorization(replace(ACCESS, exec_plugin=replace(plugin, interactive_mode="Always")))


def id_token(expires_at: float) -> str:
    claims = base64.urlsafe_b64encode(msgspec.json.encode({"exp": expires_at})).decode().rstrip("=")
    return f"e30.{claims}.sig"


async def test_oidc_token_of_kubectl_is_used_while_it_lasts() -> None:
    fresh, stale = id_token(time.time() + 600), id_token(time.time() - 5)
    provider = {"name": "oidc", "config": {"id-token": fresh}}
    assert await authorization(replace(ACCESS, auth_provider=provider)) == f"Bearer {fresh}"
    with pytest.raises(TargetRefused, match="has expired"):
        await authorization(replace(ACCESS, auth_provider={"name": "oidc", "config": {"id-token": stale}}))
    with pytest.raises(NotSupported, match="auth-provider 'gcp'"):
        await authorization(replace(ACCESS, auth_provider={"name": "gcp"}))


# -- TLS


@asynccontextmanager
async def tls_server(authority: Authority, *hosts: str) -> AsyncIterator[int]:
    """Run a server that says who its client is by certificate."""
    certificate, key = authority.issue("server", *hosts)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=authority.pem.decode())
    context.verify_mode = ssl.CERT_OPTIONAL
    from mc_kube.tls import _load_pair

    _load_pair(context, certificate + key)

    async def who(request: web.Request) -> web.Response:
        assert request.transport
        shown = request.transport.get_extra_info("peercert") or {}
        return web.json_response({"who": dict(pair[0] for pair in shown.get("subject", ())).get("commonName", "")})

    app = web.Application()
    app.router.add_get("/version", who)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def ask_who(access: ClusterAccess, environ: dict[str, str] | None = None) -> str:
    async with KubeClient(access, environ or {}) as client:
        who: str = msgspec.json.decode(await client.get_path("/version"))["who"]
        return who


async def test_client_certificate_is_shown_and_rotates(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = tmp_path / "me.crt", tmp_path / "me.key"
    async with tls_server(authority, "127.0.0.1") as port:
        access = replace(ACCESS, server=f"https://127.0.0.1:{port}", ca=authority.pem)
        assert await ask_who(access) == ""
        async with KubeClient(replace(access, client_certificate=certificate, client_key=key), {}) as client:
            for name in ("first", "second"):
                for path, pem in zip((certificate, key), authority.issue(name), strict=True):
                    path.write_bytes(pem)
                client.credentials.refuse()  # as after a minute, or a 401
                assert msgspec.json.decode(await client.get_path("/version")) == {"who": name}


async def test_exec_plugin_gives_a_certificate(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = (pem.decode() for pem in authority.issue("exec"))
    (tmp_path / "out").write_text(credential(clientCertificateData=certificate, clientKeyData=key))
    async with tls_server(authority, "127.0.0.1") as port:
        access = replace(ACCESS, server=f"https://127.0.0.1:{port}", ca=authority.pem)
        plugin = program(tmp_path / "login", f"cat {tmp_path / 'out'}")
        assert await ask_who(replace(access, exec_plugin=plugin), {"PATH": "/usr/bin:/bin"}) == "exec"


async def test_server_is_verified_by_authority_and_name() -> None:
    authority = Authority()
    async with tls_server(authority, "api.test") as port:
        access = replace(ACCESS, server=f"https://127.0.0.1:{port}", ca=authority.pem)
        with pytest.raises(TargetUnreachable, match="certificate that is not trusted") as caught:
            await ask_who(access)
        assert caught.value.hint and "tls-server-name" in caught.value.hint
        with pytest.raises(TargetUnreachable, match="not trusted"):
            await ask_who(replace(access, ca=Authority("other").pem, tls_server_name="api.test"))
        assert await ask_who(replace(access, tls_server_name="api.test")) == ""
        assert await ask_who(replace(access, ca=None, is_insecure=True)) == ""


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"ca": b"nonsense"}, "certificate-authority is not a PEM certificate"),
        ({"client_certificate": b"x"}, "belong together"),
        ({"client_certificate": b"x", "client_key": b"y"}, "cannot be used"),
        ({"ca": Path("/absent/ca.crt")}, "certificate-authority /absent/ca.crt cannot be read: No such file"),
    ],
)
async def test_bad_material_is_named(change: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidParams, match=text):
        await Credentials(replace(ACCESS, **change), {}).get()  # type: ignore[arg-type]  # fields by name


# -- the way there


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"https_proxy": "http://p:1", "NO_PROXY": "other.test, 10.0.0.0/8"}, None),
        ({"https_proxy": "http://p:1", "no_proxy": "*"}, None),
        ({"http_proxy": "http://p:1"}, None),
    ],
)
def test_proxy_of_the_environment(environ: dict[str, str], expected: str | None) -> None:
    assert pick_proxy(replace(ACCESS, server="https://10.1.2.3:6443"), environ) == expected


def test_proxy_of_the_cluster_wins_and_socks_is_refused() -> None:
    environ = {"HTTPS_PROXY": "http://p:1"}
    access = replace(ACCESS, server="https://api.corp.test", proxy_url="http://q:2")
    assert pick_proxy(access, environ) == "http://q:2"
    assert pick_proxy(replace(access, proxy_url=""), environ | {"NO_PROXY": ".corp.test"}) is None
    assert pick_proxy(replace(access, proxy_url="", server="https://localhost:1"), environ) is None
    with pytest.raises(NotSupported, match="socks5:// of cluster 'test' is not supported"):
        pick_proxy(replace(access, proxy_url="socks5://q:1"), {})


async def test_requests_go_through_the_proxy(api: KubeApi) -> None:
    access = replace(api.access, server="http://cluster.test", proxy_url=f"http://127.0.0.1:{api.port}")
    async with KubeClient(access, {}) as client:
        assert b"v1.35" in await client.get_path("/version")
    assert api.requests == ["GET /version"]


async def test_server_that_is_not_there_is_named() -> None:
    async with KubeClient(replace(ACCESS, server="http://127.0.0.1:1"), {}) as client:
        with pytest.raises(TargetUnreachable, match=r"http://127.0.0.1:1 cannot be reached"):
            await client.get_path("/version")


async def test_server_that_does_not_answer_times_out() -> None:
    is_over = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        is_over.set()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with KubeClient(replace(ACCESS, server=f"http://127.0.0.1:{port}"), {}, timeout_s=0.2) as client:
            with pytest.raises(TargetTimeout, match="did not answer in time"):
                await client.list_page(PODS)
        await asyncio.wait_for(is_over.wait(), 5)


# -- answers


async def test_throttled_request_is_sent_again(api: KubeApi, client: KubeClient) -> None:
    api.throttle += [1]
    assert (await client.list_page(PODS)).objects == []
    assert len(api.requests) == 2


async def test_list_that_is_no_list_is_an_error(api: KubeApi, client: KubeClient) -> None:
    with pytest.raises(TargetError, match="no list of pods"):
        api.answer_garbage = True
        await client.list_page(PODS)


async def test_denied_request_names_verb_resource_and_the_check(api: KubeApi, client: KubeClient) -> None:
    api.denied.add(("list", "deployments"))
    with pytest.raises(Forbidden) as caught:
        await client.list_page(DEPLOYMENTS, "shop")
    error = caught.value
    assert error.message == (
        'not allowed to list deployments.apps in namespace "shop" as system:serviceaccount:test:reader'
    )
    assert error.hint == (
        "needs verb 'list' on 'deployments.apps' in namespace \"shop\"; check with: "
        "kubectl auth can-i list deployments.apps -n shop --as=system:serviceaccount:test:reader"
    )
    assert error.facts["verb"] == "list" and error.facts["resource"] == "deployments.apps"


def test_refusal_by_a_quota_is_told_as_it_is() -> None:
    text = 'pods "p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1'
    body = msgspec.json.encode({"message": text, "reason": "Forbidden", "code": 403})
    error = status_error(parse_status(body), Ask("create", PODS, "shop"))
    assert isinstance(error, Forbidden) and error.message == text and error.hint is None


async def test_missing_rights_are_named_together(api: KubeApi, client: KubeClient) -> None:
    api.denied |= {("get", "pods/exec"), ("create", "pods/exec")}
    asks = [Ask(verb, PODS, "shop", subresource="exec") for verb in ("get", "create")]
    assert await is_allowed(client, Ask("list", NODES))
    with pytest.raises(Forbidden) as caught:
        await require(client, asks)
    assert caught.value.message == (
        'not allowed to get pods/exec in namespace "shop", create pods/exec in namespace "shop"'
    )
    assert caught.value.hint is not None
    assert "kubectl auth can-i get pods --subresource=exec -n shop" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, InvalidParams), (401, TargetRefused), (403, Forbidden), (405, NotSupported), (409, Conflict),
        (410, ResourceExpired), (422, InvalidParams), (429, Throttled), (500, TargetError), (504, TargetTimeout),
    ],
)  # fmt: skip
def test_status_becomes_an_error_of_our_tree(code: int, kind: type[OperationError]) -> None:
    body = msgspec.json.encode({"kind": "Status", "message": "because", "reason": "Odd", "code": code})
    error = status_error(parse_status(body), Ask("list", PODS))
    assert type(error) is kind and error.facts["reason"] == "Odd"
    assert "because" in error.message or error.facts["detail"] == "because"


def test_version_of_the_future_is_expired_too() -> None:
    body = msgspec.json.encode({"message": "Too large resource version: 99, current: 7", "reason": "Timeout"})
    assert isinstance(status_error(parse_status(body, 504), Ask("watch", PODS)), ResourceExpired)


def test_body_that_is_no_status_is_cut() -> None:
    status = parse_status(b"<html>" + b"x" * 10_000, 502)
    assert status.code == 502 and len(status.message) == 512


def _children(kind: type[Exception]) -> set[type[Exception]]:
    return {kind} | {one for child in kind.__subclasses__() for one in _children(child)}


def _instance(kind: type[Exception]) -> Exception:
    """Return an error of that class whatever its constructor wants."""
    shown = {"__str__": lambda self: "boom", "status": 502, "message": "boom"}
    made: type[Exception] = type(kind.__name__, (kind,), shown)
    return made.__new__(made)


def test_every_error_of_the_http_library_has_a_place() -> None:
    foreign = {kind for kind in _children(aiohttp.ClientError) if kind.__module__.startswith("aiohttp")}
    assert len(foreign) > 20
    for kind in foreign | {OSError, TimeoutError, ssl.SSLError, ConnectionResetError}:
        error = transport_error(_instance(kind), "https://api")
        assert isinstance(error, TargetUnreachable | TargetTimeout | InvalidParams), kind
        assert "https://api" in error.message
