"""The pages as a user has them: signed in once, on a real database, wide and narrow, light and dark, by keyboard."""

from __future__ import annotations

import re
import threading
import time
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.fixtures.fix_browser import NARROW, WIDE, fresh_address, screenshot, visiting
from tests.fixtures.fix_stack import Stack


def test_printed_address_signs_in_once_and_says_so_the_second_time(browser: Browser, stack: Stack) -> None:
    address = fresh_address(stack)
    with visiting(browser, stack, sign_in=False) as visit:
        visit.page.goto(address)
        expect(visit.page.get_by_text("app-db")).to_be_visible()
        assert "token" not in visit.page.url
        assert visit.complaints == []
    with visiting(browser, stack, sign_in=False) as visit:
        visit.page.goto(address)
        expect(visit.page.get_by_text("mission-control open")).to_be_visible()
        expect(visit.page.get_by_text("app-db")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_page_fits_and_complains_of_nothing(
    browser: Browser, stack: Stack, size: tuple[int, int], scheme: str
) -> None:
    name = f"{size[0]}-{scheme}"
    with visiting(browser, stack, size, scheme) as visit:
        expect(visit.page.get_by_text("app-db")).to_be_visible()
        screenshot(visit, f"catalog-{name}")
        assert not visit.overflows()
        frame = visit.open_item()
        expect(frame.get_by_text(re.compile("live|paused"))).to_be_visible()
        screenshot(visit, f"sessions-{name}")
        assert not visit.overflows()
        frame = visit.open_console()
        visit.run_sql(frame, "select n, md5(n::text) from generate_series(1, 300) as n")
        expect(frame.get_by_text(re.compile(r"300 rows"))).to_be_visible()
        screenshot(visit, f"console-{name}")
        assert not visit.overflows()
        visit.page.goto(f"{stack.url}/plugins")
        expect(visit.page.get_by_role("table").get_by_text("postgres").first).to_be_visible()
        screenshot(visit, f"plugins-{name}")
        assert not visit.overflows()
        assert visit.complaints == []


def test_a46_no_request_leaves_the_host(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console()
        visit.run_sql(frame, "select 1 as one")
        expect(frame.get_by_text("1 row")).to_be_visible()
        foreign = [url for url in visit.requests if not url.startswith((stack.url + "/", "data:", "blob:"))]
        assert foreign == []


def test_session_is_terminated_after_a_question_that_names_it(browser: Browser, stack: Stack) -> None:
    with closing(stack.server.connect("mon", application="to-be-ended")) as victim, visiting(browser, stack) as visit:
        victim.execute("begin")
        pid = victim.info.backend_pid
        frame = visit.open_item()
        frame.get_by_text(str(pid), exact=True).first.click()
        frame.get_by_role("button", name=re.compile("terminate", re.I)).first.click()
        dialog = frame.get_by_role("dialog")
        for text in (str(pid), "mon", "to-be-ended"):
            expect(dialog.get_by_text(re.compile(text)).first).to_be_visible()
        screenshot(visit, "terminate")
        dialog.get_by_role("button", name=re.compile(rf"terminate.*{pid}", re.I)).click()
        deadline = time.monotonic() + 5
        alive = f"select count(*) from pg_stat_activity where pid = {pid}"
        while stack.server.run(alive) != [(0,)]:
            assert time.monotonic() < deadline
        expect(frame.get_by_text(f"Session {pid} terminated.")).to_be_visible()


def test_blocked_session_shows_who_blocks_it(browser: Browser, stack: Stack) -> None:
    with (
        stack.server.connect("su", application="blocker") as blocker,
        stack.server.connect("su", application="blocked") as blocked,
        visiting(browser, stack) as visit,
    ):
        blocker.execute("begin; lock table customers in access exclusive mode")
        waiting = threading.Thread(target=lambda: blocked.execute("select count(*) from customers"))
        waiting.start()
        frame = visit.open_item()
        row = frame.get_by_role("row").filter(has_text="Lock: relation")
        try:
            expect(row.get_by_text(str(blocker.info.backend_pid), exact=True)).to_be_visible()
        finally:
            screenshot(visit, "blocked")
            blocker.execute("rollback")
            waiting.join(10)


def test_error_is_marked_where_it_is(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console()
        visit.run_sql(frame, "select nme from customers")
        expect(frame.get_by_text('column "nme" does not exist')).to_be_visible()
        expect(frame.get_by_text("42703")).to_be_visible()
        expect(frame.locator(".cm-lintRange-error")).to_have_text("nme")


def test_editor_completes_tables_and_the_columns_of_an_alias(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console()
        frame.locator(".cm-content").click()
        visit.page.keyboard.press("Control+a")
        visit.page.keyboard.type("select * from custo")
        expect(frame.locator(".cm-tooltip-autocomplete").get_by_text("customers").first).to_be_visible()
        visit.page.keyboard.press("Escape")
        visit.page.keyboard.press("Control+a")
        visit.page.keyboard.type("select c.ema from customers c")
        for _ in range(len(" from customers c")):
            visit.page.keyboard.press("ArrowLeft")
        visit.page.keyboard.press("Control+Space")
        expect(frame.locator(".cm-tooltip-autocomplete").get_by_text("email").first).to_be_visible()


def test_running_query_is_cancelled_from_the_page(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console()
        visit.run_sql(frame, "select pg_sleep(60)")
        frame.get_by_role("button", name=re.compile("cancel", re.I)).click()
        expect(frame.get_by_text(re.compile("cancel+ed", re.I)).first).to_be_visible()
        deadline = time.monotonic() + 2
        asleep = "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'"
        while stack.server.run(asleep) != [(0,)]:
            assert time.monotonic() < deadline


def test_write_is_asked_for_and_then_commits(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console()
        visit.run_sql(frame, "create table made_in_browser (n int)")
        expect(frame.get_by_text(re.compile("read mode|read-only|not allowed|refus", re.I)).first).to_be_visible()
        assert stack.server.run("select to_regclass('made_in_browser')") == [(None,)]
        frame.get_by_text("Write", exact=True).click()
        dialog = frame.get_by_role("dialog", name="Write to app?")
        expect(dialog).to_be_visible()
        screenshot(visit, "write")
        dialog.get_by_role("button").last.click()
        visit.run_sql(frame, "create table made_in_browser (n int)")
        dialog = frame.get_by_role("dialog")
        deadline = time.monotonic() + 10
        while stack.server.run("select to_regclass('made_in_browser')") == [(None,)]:
            if dialog.count():
                dialog.get_by_role("button").last.click()
            assert time.monotonic() < deadline
        stack.server.run("drop table made_in_browser")


def test_a49_100_000_rows_stream_in_and_scroll(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console()
        frame.get_by_role("combobox").last.select_option("100000")
        visit.run_sql(frame, "select n, md5(n::text) as hash, n * 2 as twice from generate_series(1, 100000) as n")
        expect(frame.get_by_text(re.compile(r"100,000 rows ·"))).to_be_visible(timeout=20_000)


def test_palette_opens_an_item_by_keyboard_alone(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        expect(visit.page.get_by_text("app-db")).to_be_visible()
        visit.page.keyboard.press("Control+k")
        visit.page.keyboard.type("app-db")
        expect(visit.page.get_by_role("dialog").get_by_text("app-db")).to_be_visible()
        visit.page.keyboard.press("Enter")
        expect(visit.page).to_have_url(re.compile(stack.item("app-db")))


def test_address_holds_the_view_and_survives_a_reload(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        visit.open_console()
        expect(visit.page).to_have_url(re.compile("console"))
        visit.page.reload()
        frame = visit.page.frame_locator("iframe")
        expect(frame.locator(".cm-content")).to_be_visible()
