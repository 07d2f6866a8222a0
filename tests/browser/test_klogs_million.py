"""A22: the Logs tab with a million lines."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, FrameLocator, expect

from tests.fixtures.fix_browser import CHROMIUM, FRAME_MS, Visit, both_browsers, screenshot, scroll_through, visiting
from tests.fixtures.fix_klogs import ITEM, KlogsStack

MILLION = 1_000_000
PODS = [f"load-{at}" for at in range(4)]
LOAD_TIMEOUT_MS = 100_000


@contextmanager
def loaded(browser: Browser, klogs: KlogsStack, **plan: Any) -> Iterator[tuple[Visit, FrameLocator]]:
    """Open the tab and wait until a million lines are in its store."""
    klogs.play(pods=PODS, bulk=MILLION, **plan)
    with visiting(browser, klogs) as visit:
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}/scripted-logs/logs?view=%2F%3Frange%3Dall")
        yield visit, visit.page.frame_locator("iframe")
        assert visit.complaints == []


@both_browsers
def test_a22_a_million_lines_load_scroll_and_filter(browser: Browser, klogs: KlogsStack) -> None:
    with loaded(browser, klogs) as (visit, frame):
        footer = frame.locator("footer [data-rows]")
        expect(footer).to_have_attribute("data-rows", str(MILLION), timeout=LOAD_TIMEOUT_MS)
        log = frame.get_by_role("log")
        found = scroll_through(log)
        assert found.is_within(33), found
        log.evaluate("list => { list.scrollTop = list.scrollHeight / 2; }")
        middle = frame.locator("[data-index^='5000']").first
        expect(middle).to_contain_text(f"request {middle.get_attribute('data-index')} GET")
        log.press("Home")
        expect(frame.get_by_text("request 0 GET")).to_be_visible()
        assert frame.locator("[data-id]").count() <= 2000
        frame.get_by_role("searchbox", name="Search").fill("request 77777[0-9] ")
        frame.get_by_role("combobox", name="What a search does").wait_for()
        begun = time.monotonic()
        frame.get_by_role("combobox", name="What a search does").select_option("filter")
        expect(frame.locator("footer")).to_contain_text("10 of 1,000,000")
        assert time.monotonic() - begun <= max(1.0, found.idle_frame_ms / FRAME_MS)
        expect(frame.locator("[data-id]")).to_have_count(10)
        screenshot(visit, "klogs-million")
        frame.get_by_role("combobox", name="What a search does").select_option("highlight")
        frame.get_by_role("log").press("v")
        patterns = frame.get_by_role("status", name="Patterns")
        expect(patterns).to_contain_text("in 1,000,000 lines", timeout=15_000)
        expect(frame.get_by_role("table", name="Patterns")).to_contain_text("GET /api/orders/<n>")
        screenshot(visit, "klogs-million-patterns")
        frame.get_by_role("button", name="Group by pattern").click()
        if visit.is_in(CHROMIUM):  # the other one does not tell
            session = visit.page.context.new_cdp_session(visit.page)
            heap = session.send("Runtime.getHeapUsage")["usedSize"]
            assert heap <= 600 * 1024 * 1024


def test_a22_more_lines_than_the_page_keeps_are_let_go_and_said_so(browser: Browser, klogs: KlogsStack) -> None:
    offered, kept = 1_600_000, 1_500_000
    klogs.play(pods=PODS, bulk=offered)
    with visiting(browser, klogs) as visit:
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}/scripted-logs/logs?view=%2F%3Frange%3Dall")
        frame = visit.page.frame_locator("iframe")
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", str(offered), timeout=160_000)
        footer = frame.locator("footer")
        expect(footer).to_contain_text("older ones let go: here since")
        gone = int(re.search(r"([\d,]+) older", footer.inner_text())[1].replace(",", ""))  # type: ignore[index]
        assert offered - kept <= gone <= offered - kept * 0.9
        frame.get_by_role("log").press("Home")
        expect(frame.locator("[data-id]").filter(has_text=f"request {gone} GET")).to_be_visible()
        screenshot(visit, "klogs-let-go")
        assert visit.complaints == []


def test_a22_five_thousand_lines_a_second_are_followed_without_loss(browser: Browser, klogs: KlogsStack) -> None:
    seconds, rate = 6, 5000
    klogs.play(pods=PODS, bulk=1000, rate=rate, seconds=seconds)
    with visiting(browser, klogs) as visit:
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}/scripted-logs/logs")
        frame = visit.page.frame_locator("iframe")
        total = 1000 + rate * seconds
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", str(total), timeout=30_000)
        expect(frame.get_by_text(f"request {total - 1} GET")).to_be_visible()
        assert frame.locator("[data-id]").count() <= 200
        assert visit.complaints == []
