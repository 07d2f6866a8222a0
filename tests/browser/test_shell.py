"""The shell's own work: forms, results, streams, the palette, a plugin's log, filters in the address."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.fixtures.fix_browser import NARROW, WIDE, Visit, screenshot, visiting
from tests.fixtures.fix_postgres import DEFAULT_MAJOR, ServerPark
from tests.fixtures.fix_stack import GROUP, Stack

GALLERY = Path(__file__).with_name("gallery_plugin.py")
SIZES = [WIDE, NARROW]


class GalleryStack(Stack):
    """The whole line, with a plugin that has every form and every drawing, and enough items to search in."""

    def write_config(self, url: str) -> None:
        """Declare plugin, connection and items."""
        super().write_config(url)
        script = self._plugins / "gallery"
        script.write_text(f"#!/bin/sh\nexec {sys.executable} {GALLERY}\n")
        script.chmod(0o755)
        spec = {"source": "gallery", "selector": {"types": ["PostgreSQL::Server"]}, "audit": ["form"]}
        resources = [("Plugin", {"name": "gallery", "namespace": "test"}, spec)]
        for at in range(600):
            item = {"type": "Test::Pod", "tags": {"team": f"t{at % 3}"}, "health": "healthy"}
            resources.append(("ConfigItem", {"name": f"pod-{at:03}", "namespace": f"ns-{at % 4}"}, item))
        documents = [
            {"apiVersion": GROUP, "kind": kind, "metadata": metadata, "spec": spec}
            for kind, metadata, spec in resources
        ]
        (self.config_dir / "gallery.yaml").write_text(yaml.safe_dump_all(documents))


@pytest.fixture(scope="module")
def gallery(
    tmp_path_factory: pytest.TempPathFactory, postgres_zipapp: Path, park: ServerPark
) -> Iterator[GalleryStack]:
    """The whole line with the gallery plugin, kept for the module."""
    with GalleryStack(tmp_path_factory.mktemp("gallery") / "host", postgres_zipapp, park.get(DEFAULT_MAJOR)) as running:
        yield running


def open_form(visit: Visit, operation: str, query: str = "", plugin: str = "gallery") -> Locator:
    """Open an operation's form on the item `app-db` and return its panel."""
    item = visit.stack.item("app-db")
    visit.page.goto(f"{visit.stack.url}/items/{item}/item?run={plugin}/{operation}{query}")
    panel = visit.page.get_by_label(f"Operation {operation}", exact=True)
    expect(panel.locator("form")).to_be_visible()
    return panel


def run(panel: Locator, name: str = "Run") -> Locator:
    """Press the form's button and return the result."""
    panel.get_by_role("button", name=name, exact=True).click()
    return panel.get_by_role("region", name="Result", exact=True)


def search_request(text: str) -> re.Pattern[str]:
    return re.compile(rf"/api/catalog/items\?.*search={text}(&|$)")


def test_operation_is_opened_from_the_item_and_takes_every_kind_of_value(
    browser: Browser, gallery: GalleryStack
) -> None:
    with visiting(browser, gallery) as visit:
        page = visit.page
        page.goto(f"{gallery.url}/items/{gallery.item('app-db')}/item")
        page.get_by_role("button", name="Run form", exact=True).click()
        panel = page.get_by_label("Operation form", exact=True)
        expect(panel.locator("#param-percent")).to_have_attribute("placeholder", "50")
        run(panel)
        expect(panel.get_by_text("is required")).to_be_visible()
        expect(panel.locator("#param-name")).to_be_focused()
        panel.locator("#param-name").fill("cart")
        panel.locator("#param-percent").fill("400")
        panel.locator("#param-names").fill("a\nb")
        panel.locator("#param-mode").select_option("write")
        panel.get_by_label("warning").check()
        panel.locator("#param-isLoud").check()
        panel.locator("#param-labels").fill('{"app": "x"}')
        panel.locator("#param-window\\.since").fill("2026-01-02T03:04:05")
        run(panel)
        expect(panel.get_by_text("must be at most 100")).to_be_visible()
        panel.locator("#param-percent").fill("40")
        screenshot(visit, "form-filled")
        result = run(panel)
        expect(result.get_by_role("status")).to_contain_text("done ·")
        result.get_by_role("button", name="JSON").click()
        text = result.locator("pre").inner_text()
        for part in ('"percent": 40', '"mode": "write"', '"isLoud": true', '"app": "x"', '"hours": 1', "2026-01-02T"):
            assert part in text, text
        assert '"warning"' in text and '"info"' not in text
        expect(page).to_have_url(re.compile(r"p\.percent=40"))
        assert visit.complaints == []


def test_address_fills_the_form_and_runs_nothing(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        panel = open_form(visit, "form", "&p.name=shared&p.window.hours=7")
        expect(panel.locator("#param-name")).to_have_value("shared")
        expect(panel.locator("#param-window\\.hours")).to_have_value("7")
        assert not any("/invoke/" in url for url in visit.requests)
        visit.page.keyboard.press("Escape")  # leaves the field
        expect(panel.locator("#param-name")).not_to_be_focused()
        visit.page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(visit.page).not_to_have_url(re.compile("run="))


def test_refusal_is_shown_at_its_field(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        panel = open_form(visit, "form", "&p.name=taken")
        run(panel)
        field = panel.locator("#param-name")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
        expect(panel.locator("#param-name-problem")).to_have_text("this name is taken")


def test_destructive_operation_asks_with_names_and_sends_its_confirmation(
    browser: Browser, gallery: GalleryStack
) -> None:
    with visiting(browser, gallery) as visit:
        panel = open_form(visit, "wipe")
        panel.get_by_role("button", name="Run wipe…").click()
        dialog = visit.page.get_by_role("dialog")
        expect(dialog).to_contain_text("app-db")
        screenshot(visit, "form-confirm")
        dialog.get_by_role("button", name="Keep as it is").click()
        assert not any("/invoke/wipe" in url for url in visit.requests)
        panel.get_by_role("button", name="Run wipe…").click()
        visit.page.get_by_role("button", name="Run wipe on app-db").click()
        expect(panel.get_by_text("3.4 s")).to_be_visible()
        assert any("/invoke/wipe" in url and "confirm=true" in url for url in visit.requests)


def test_running_operation_is_cancelled(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        panel = open_form(visit, "hang")
        with visit.page.expect_request("**/invoke/hang*"):
            result = run(panel)
        with visit.page.expect_event("requestfailed", lambda request: "/invoke/hang" in request.url):
            panel.get_by_role("button", name="Cancel").click()
        expect(result.get_by_role("status")).to_contain_text("stopped ·")


def test_stream_is_followed_line_by_line_and_stopped(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        panel = open_form(visit, "ticks", "&p.count=0")
        result = run(panel, "Follow")
        expect(result.get_by_text("tick=3")).to_be_visible()
        expect(result.get_by_role("status")).to_contain_text("running · 3 lines")
        panel.get_by_role("button", name="Stop").click()
        expect(result.get_by_role("status")).to_contain_text("stopped ·")
        panel.locator("#param-count").fill("5")
        run(panel, "Follow")
        expect(result.get_by_role("status")).to_contain_text("5 lines")
        expect(result.get_by_role("status")).to_contain_text("ended ·")


@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_document_is_drawn_and_runs_nothing(
    browser: Browser, gallery: GalleryStack, size: tuple[int, int], scheme: str
) -> None:
    with visiting(browser, gallery, size, scheme) as visit:
        panel = open_form(visit, "document")
        result = run(panel)
        expect(result.get_by_role("alert")).to_contain_text("Disk is nearly full.")
        rows = result.locator("tbody tr")
        expect(rows).to_have_count(14)
        result.get_by_role("combobox", name="State").select_option("Failed")
        expect(rows).to_have_count(5)
        result.get_by_role("searchbox", name="Filter rows").fill("cart-9")
        expect(rows).to_have_count(1)
        result.get_by_role("button", name="Details of row 10").click()
        expect(result.get_by_text("All that is known of cart-9.")).to_be_visible()
        result.get_by_text("More", exact=True).click()
        expect(result.get_by_text("Hidden at first.")).to_be_visible()
        expect(result.get_by_text("hologram")).to_be_visible()
        expect(result.locator("b")).to_have_text("markup")
        assert result.locator("img, script").count() == 0
        assert visit.page.evaluate("window.pwned === undefined")
        screenshot(visit, f"document-{size[0]}-{scheme}")
        assert not visit.overflows()
        assert visit.complaints == []


def test_plain_json_is_a_table_that_sorts(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        result = run(open_form(visit, "rows"))
        heads = result.locator("thead th")
        expect(heads).to_have_text(["Name", "PID", "Duration", "Started At"])
        result.get_by_role("button", name="Duration").click()
        result.get_by_role("button", name="Duration").click()
        expect(result.locator("tbody tr").first).to_contain_text("row 39")
        expect(result.locator("tbody tr").first).to_contain_text("35 s")


def test_global_operations_have_a_menu_and_need_no_item(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        visit.page.get_by_role("button", name="Global operations").click()
        visit.page.get_by_role("button", name="speak").click()
        result = run(visit.page.get_by_label("Operation speak", exact=True))
        expect(result.get_by_role("status")).to_contain_text("done ·")
        called = [url for url in visit.requests if "/invoke/speak" in url]
        assert len(called) == 1 and "config_id" not in called[0]


def test_plugin_page_shows_its_log_live(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        page = visit.page
        page.goto(f"{gallery.url}/plugins")
        page.get_by_role("row", name=re.compile("^gallery")).click()
        expect(page).to_have_url(f"{gallery.url}/plugins/gallery")
        panel = page.get_by_label("Plugin gallery")
        log = panel.get_by_role("log")
        expect(log.get_by_text("plugin serving")).to_be_visible()
        status, _ = gallery.request("/api/plugins/gallery/invoke/speak", {})
        assert status == 200
        warned = log.get_by_role("listitem").filter(has_text="the gallery has spoken").first
        expect(warned).to_contain_text("warning")
        panel.get_by_role("combobox", name="Level").select_option("warning")
        expect(log.get_by_text("and said no more")).to_have_count(0)
        panel.get_by_role("searchbox", name="Filter log").fill("nothing like it")
        expect(log.get_by_text("No record matches.")).to_be_visible()
        panel.get_by_label("Log", exact=True).get_by_role("button", name="Pause").click()
        expect(panel.get_by_label("Log", exact=True).get_by_text("paused")).to_be_visible()
        expect(panel.get_by_role("button", name="Run speak")).to_be_visible()
        screenshot(visit, "plugin-log")
        assert visit.complaints == []


def test_enter_before_the_answer_takes_the_item_of_the_typed_text(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        page = visit.page
        expect(page.get_by_text("pod-000")).to_be_visible()
        held: list[Route] = []
        page.route(search_request("pod-42"), lambda route: held.append(route))
        page.route(search_request("pod-421"), lambda route: held.append(route))
        page.keyboard.press("Control+k")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("option").first).to_be_visible()
        page.keyboard.type("pod-42")
        with page.expect_request(search_request("pod-421")):
            page.keyboard.type("1")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("listbox")).to_have_attribute("aria-busy", "true")
        expect(page).to_have_url(f"{gallery.url}/")
        held[-1].continue_()
        expect(page).to_have_url(re.compile(gallery.item("pod-421")))


def test_typing_on_takes_back_an_early_enter(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        page = visit.page
        expect(page.get_by_text("pod-000")).to_be_visible()
        held: list[Route] = []
        page.route(search_request("pod-5"), lambda route: held.append(route))
        page.keyboard.press("Control+k")
        with page.expect_request(search_request("pod-5")):
            page.keyboard.type("pod-5")
        page.keyboard.press("Enter")
        page.keyboard.type("01")
        expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text("pod-501")
        expect(page).to_have_url(f"{gallery.url}/")


def test_palette_finds_operations_and_remembers_what_was_used(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        page = visit.page
        page.goto(f"{gallery.url}/items/{gallery.item('app-db')}/item")
        expect(page.get_by_role("button", name="Run ticks")).to_be_visible()
        page.keyboard.press("Control+k")
        page.keyboard.type("ticks")
        expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text("ticks")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Operation ticks", exact=True).locator("form")).to_be_visible()
        page.goto(f"{gallery.url}/")
        expect(page.get_by_text("pod-000")).to_be_visible()
        page.keyboard.press("Control+k")
        first = page.get_by_role("dialog").get_by_role("option").first
        expect(first).to_contain_text("ticks")
        expect(page.get_by_role("dialog").get_by_role("option").nth(1)).to_contain_text("app-db")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(rf"{gallery.item('app-db')}.*run=gallery"))


def test_filters_live_in_the_address(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        page = visit.page
        catalog = page.get_by_role("navigation", name="Catalog")
        catalog.get_by_role("combobox", name="Namespace").fill("ns-1")
        expect(catalog.get_by_text("150", exact=True).first).to_be_visible()
        catalog.get_by_role("combobox", name="Tag").fill("team=t2")
        expect(page).to_have_url(re.compile(r"namespace=ns-1&tag=team%3Dt2"))
        expect(catalog.get_by_text("50", exact=True).first).to_be_visible()
        page.reload()
        expect(catalog.get_by_role("combobox", name="Namespace")).to_have_value("ns-1")
        expect(catalog.get_by_text("50", exact=True).first).to_be_visible()
        catalog.get_by_role("searchbox").fill("no such thing")
        page.get_by_role("button", name="Clear filters").click()
        expect(page).to_have_url(f"{gallery.url}/")


def test_search_answers_each_letter_and_drops_stale_questions(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        page = visit.page
        expect(page.get_by_text("pod-000")).to_be_visible()
        aborted: list[str] = []
        page.on("requestfailed", lambda request: aborted.append(request.url))
        page.route(search_request("pod-3"), lambda route: None)  # an answer that never comes
        page.get_by_role("searchbox", name="Filter items").fill("pod-3")
        page.get_by_role("searchbox", name="Filter items").fill("pod-333")
        expect(page.get_by_role("link", name="pod-333")).to_be_visible()
        assert any(re.search(search_request("pod-3"), url) for url in aborted)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
def test_form_and_plugin_panel_fit(browser: Browser, gallery: GalleryStack, size: tuple[int, int], scheme: str) -> None:
    with visiting(browser, gallery, size, scheme) as visit:
        open_form(visit, "form")
        screenshot(visit, f"form-{size[0]}-{scheme}")
        assert not visit.overflows()
        visit.page.goto(f"{gallery.url}/plugins/gallery")
        expect(visit.page.get_by_role("log").get_by_text("plugin serving")).to_be_visible()
        screenshot(visit, f"plugin-{size[0]}-{scheme}")
        assert not visit.overflows()
        assert visit.complaints == []


def test_form_by_keyboard_alone(browser: Browser, gallery: GalleryStack) -> None:
    with visiting(browser, gallery) as visit:
        page: Page = visit.page
        page.goto(f"{gallery.url}/items/{gallery.item('app-db')}/item")
        page.get_by_role("button", name="Run form", exact=True).press("Enter")
        panel = page.get_by_label("Operation form", exact=True)
        expect(panel.locator("#param-name")).to_be_focused()
        page.keyboard.type("typed")
        page.keyboard.press("Control+Enter")
        expect(panel.get_by_role("region", name="Result", exact=True).get_by_role("status")).to_contain_text("done ·")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(page.get_by_role("button", name="Run form", exact=True)).to_be_focused()


def test_denied_failed_and_stale_are_said_in_words(browser: Browser, gallery: GalleryStack) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=403, json={"error": "not allowed to read what plugins print", "code": "forbidden"})

    with visiting(browser, gallery) as visit:
        page = visit.page
        page.route("**/api/plugins/*/logs", refuse)
        page.goto(f"{gallery.url}/plugins/gallery")
        panel = page.get_by_label("Plugin gallery")
        expect(panel.get_by_text("Not allowed to read the log")).to_be_visible()
        page.unroute("**/api/plugins/*/logs")
        panel.get_by_role("button", name="Try again").click()
        expect(panel.get_by_role("log")).to_be_visible()
        page.route("**/api/plugins/*/logs", lambda route: route.abort())
        panel.get_by_label("Log", exact=True).get_by_role("button", name="Refresh").click()
        expect(panel.get_by_role("alert")).to_contain_text("the host does not answer")
        expect(panel.get_by_role("log")).to_be_visible()
        page.route(search_request("pod-1"), lambda route: route.fulfill(status=403, json={"error": "no", "code": "x"}))
        page.keyboard.press("Control+k")
        page.keyboard.type("pod-1")
        expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("Searching failed: no")
        page.goto(f"{gallery.url}/items/{gallery.item('app-db')}/item?run=gallery/gone")
        expect(page.get_by_text("gone is not here")).to_be_visible()


def test_problems_are_told_where_one_looks_and_go_with_their_cause(browser: Browser, gallery: GalleryStack) -> None:
    broken = gallery.config_dir / "broken.yaml"
    with visiting(browser, gallery) as visit:
        page = visit.page
        broken.write_text("apiVersion: mission-control.flanksource.com/v1\nkind: Plugin\n")
        try:
            page.goto(f"{gallery.url}/plugins")
            problems = page.get_by_role("region", name="Problems")
            expect(problems).to_contain_text("broken.yaml", timeout=15_000)
            expect(page.get_by_role("navigation", name="Catalog")).to_contain_text("1 problem")
            screenshot(visit, "problems")
            page.goto(f"{gallery.url}/items/{gallery.item('app-db')}/item")
            expect(page.locator("header").get_by_role("status").filter(has_text="broken.yaml")).to_be_visible()
            screenshot(visit, "problem-of-the-source")
        finally:
            broken.unlink()
        page.goto(f"{gallery.url}/plugins")
        expect(page.get_by_role("region", name="Problems")).to_have_count(0, timeout=15_000)
        assert visit.complaints == []


@pytest.mark.parametrize("size", SIZES)
def test_history_of_an_item_says_who_called_what(
    browser: Browser, gallery: GalleryStack, size: tuple[int, int]
) -> None:
    with visiting(browser, gallery, size) as visit:
        panel = open_form(visit, "form", "&p.name=kept")
        expect(run(panel).get_by_role("status")).to_contain_text("done")
        visit.page.goto(f"{gallery.url}/items/{gallery.item('app-db')}/item")
        line = visit.page.get_by_role("listitem").filter(has_text="gallery.form")
        expect(line.first).to_contain_text("by owner")
        line.first.scroll_into_view_if_needed()
        screenshot(visit, "history")
        assert visit.complaints == []
