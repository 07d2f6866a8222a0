"""The shell's static files: exactly those of the folder, nothing above it, nothing stale."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fixtures.fix_host import HostClient, HostFolder, open_client

TRAVERSALS = [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..%5csecret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "//secret.txt",
    "/assets/%00/../../secret.txt",
]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return a built shell with a secret beside it."""
    shell = tmp_path / "shell"
    (shell / "assets").mkdir(parents=True)
    (shell / "index.html").write_text("<title>shell</title>")
    (shell / "assets/app-D_aSj7KA.js").write_text("1")
    (shell / "assets/app-D_aSj7KA.js.map").write_text("{}")
    (tmp_path / "secret.txt").write_text("secret")
    return shell


@pytest.fixture
async def shell(folder: HostFolder, built: Path) -> AsyncIterator[HostClient]:
    """Return a host that serves the built shell."""
    async with open_client(folder.config(shell_dir=built)) as running:
        yield running


async def test_routes_of_the_page_get_its_index_without_sign_in(shell: HostClient) -> None:
    for path in ("/", "/items/4f1c", "/items/4f1c/postgres/0?view=x", "/plugins"):
        status, headers, body = await shell.request("GET", path, signed_in=False)
        assert (status, body) == (200, b"<title>shell</title>")
        assert headers["Content-Type"] == "text/html; charset=utf-8" and headers["Cache-Control"] == "no-cache"
        policy = headers["Content-Security-Policy"]
        assert f"frame-src {shell.url}/api/plugins/ blob:;" in policy and "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_hashed_names_are_kept_by_browsers_and_typed(shell: HostClient) -> None:
    status, headers, _ = await shell.request("GET", "/assets/app-D_aSj7KA.js", signed_in=False)
    assert status == 200 and headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = await shell.request("GET", "/assets/app-D_aSj7KA.js", headers={"If-None-Match": headers["Etag"]})
    assert again[0] == 304
    assert (await shell.request("GET", "/assets/app-D_aSj7KA.js.map"))[1]["Content-Type"] == "application/json"


async def test_missing_file_is_404_not_the_index(shell: HostClient) -> None:
    for path in ("/assets/nothing.js", "/favicon.ico", "/assets/", "/assets"):
        assert (await shell.request("GET", path, signed_in=False))[0] in (404, 200 if path == "/assets" else 404)


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_s8_traversal_never_leaves_the_folder(shell: HostClient, path: str) -> None:
    from tests.host.raw_http import raw_get

    status, body = await raw_get(shell.url, path)
    assert b"secret" not in body.replace(path.encode(), b"") and status == 404


async def test_rebuilt_page_is_served_without_restart(shell: HostClient, built: Path) -> None:
    await shell.request("GET", "/")
    (built / "assets/new-12345678.js").write_text("2")
    (built / "index.html").write_text("<title>new</title>")
    assert (await shell.request("GET", "/assets/new-12345678.js"))[2] == b"2"
    assert (await shell.request("GET", "/"))[2] == b"<title>new</title>"


async def test_unbuilt_page_says_how_to_build_it(folder: HostFolder, tmp_path: Path) -> None:
    async with open_client(folder.config(shell_dir=tmp_path / "none")) as client:
        status, _, body = await client.request("GET", "/", signed_in=False)
        assert status == 404 and b"make ui" in body
        assert (await client.request("GET", "/api/me"))[0] == 200


async def test_other_methods_on_the_page_are_refused(shell: HostClient) -> None:
    assert (await shell.request("POST", "/items"))[0] == 405
