"""Paths and redirects of a plugin's page, as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mc_host.gateway.ui_paths import browser_location, clean_path, forwarded_path
from mc_wire.errors import NotFound
from mc_wire.model import Contract, Manifest, Tab

MANIFEST = Manifest(name="p", version="1", tabs=(Tab(name="t", path="/sessions"), Tab(name="u", path="plain tab")))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/", "/"),
        ("/assets/app.js", "/assets/app.js"),
        ("/a%20b.js", "/a%20b.js"),
        ("/%61.js", "/a.js"),
        ("/a//b", "/a//b"),
        ("/caf%C3%A9", "/caf%C3%A9"),
        ("/...", "/..."),
    ],
)
def test_path_is_normalised(raw: str, expected: str) -> None:
    assert clean_path(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "/..",
        "/%2e%2e/x",
        "/%2E%2e",
        "/..%2fx",
        "/%252e%252e",
        "/%25252e%25252e",
        "/..%5cx",
        "/a%2fb",
        "/a%00b",
        "/./x",
        "/.. /x",
        "/%0d%0aX:1",
        "/__mc/operations/x",
        "/%5f_mc/ui",
        "/%ff",
    ],
)
def test_path_that_climbs_or_hides_is_not_found(raw: str) -> None:
    with pytest.raises(NotFound, match="plugin UI path"):
        clean_path(raw)


@given(st.text(alphabet="./%25eEfF\\cC0a", max_size=24))
def test_cleaned_path_never_climbs(tail: str) -> None:
    try:
        cleaned = clean_path("/" + tail)
    except NotFound:
        return
    assert ".." not in cleaned.split("/") and "\\" not in cleaned


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/__mc/ui/"),
        ("/assets/x", "/__mc/ui/assets/x"),
        ("/x.svg", "/__mc/ui/x.svg"),
        ("/sessions", "/__mc/ui/sessions"),
        ("/plain%20tab", "/__mc/ui/plain%20tab"),
    ],
)
def test_released_page_has_files_and_tabs(path: str, expected: str) -> None:
    assert forwarded_path(path, Contract.RELEASED, MANIFEST) == expected


@pytest.mark.parametrize("path", ["/api/x", "/other", "/sessions/1"])
def test_released_page_has_nothing_else(path: str) -> None:
    with pytest.raises(NotFound):
        forwarded_path(path, Contract.RELEASED, MANIFEST)
    assert forwarded_path(path, Contract.DOCUMENTED, MANIFEST) == path


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("./", "/p/ui/a/"),
        ("x?y=1#z", "/p/ui/a/x?y=1#z"),
        ("/b", "/p/ui/b"),
        ("/__mc/ui/b", "/p/ui/b"),
        ("../b", "/p/ui/b"),
        ("../../../b", "/p/ui/b"),
        ("https://example.org/", None),
        ("//example.org/", None),
        ("/\\example.org", None),
        ("javascript:alert(1)", None),
        ("/%2e%2e/b", None),
    ],
)
def test_redirect_stays_below_the_page(location: str, expected: str | None) -> None:
    assert browser_location(location, "/a/page", "/p/ui") == expected
